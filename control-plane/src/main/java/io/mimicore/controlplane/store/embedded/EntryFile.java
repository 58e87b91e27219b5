package io.mimicore.controlplane.store.embedded;

import io.mimicore.store.MetadataStore.Change;
import io.mimicore.store.MetadataStore.Entry;
import io.mimicore.store.MetadataStore.KeyRevision;
import io.mimicore.store.StoreException;
import io.mimicore.store.Transaction.Operation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;

/// The entries on disk. Guarded by the store's lock; the file itself is touched by a [FileThread]
/// only.
///
/// MVStore appends chunks and writes a header last, so a torn write falls back to the chunk before
/// it. A failed write makes MVStore close itself; the file is then opened again, which brings back
/// what was committed last.
final class EntryFile {
    private static final int COMMITS_PER_COMPACTION = 256;
    private static final int COMPACTION_BYTES = 8 * 1024 * 1024;
    private static final int FILL_PERCENT = 60;
    private static final int HEAD_BYTES = 3 * Long.BYTES;
    private static final String REVISION = "revision";

    private final Path path;
    private final String fileSystem;
    private final FileThread thread;
    private MVStore store;
    private MVMap<String, byte[]> entries;
    private MVMap<String, Long> counters;
    private int commits;

    private EntryFile(Path path, String fileSystem, FileThread thread) {
        this.path = path;
        this.fileSystem = fileSystem;
        this.thread = thread;
        this.store = openStore();
        this.entries = store.openMap("entries");
        this.counters = store.openMap("counters");
    }

    /// @param fileSystem prefix of the one of MVStore's file systems to go through; empty: the
    ///   usual
    @SuppressWarnings("IllegalCatch") // MVStore meets a damaged file with whatever it stumbles over
    static EntryFile open(Path path, String fileSystem) {
        FileThread thread = new FileThread();
        boolean opened = false;
        try {
            Files.createDirectories(path.toAbsolutePath().getParent());
            EntryFile file = thread.call(() -> new EntryFile(path, fileSystem, thread));
            opened = true;
            return file;
        } catch (IOException e) {
            throw new StoreException("cannot create the directory of " + path + ": " + e, e);
        } catch (MVStoreException e) {
            throw new StoreException(openingFailed(path, e), e);
        } catch (RuntimeException e) {
            throw new StoreException(damaged(path, e), e);
        } finally {
            if (!opened) {
                thread.close();
            }
        }
    }

    long revision() {
        return onFile(this::lastRevision);
    }

    @Nullable Entry get(String key) {
        return this.<@Nullable Entry>onFile(() -> {
            byte[] stored = entries.get(key);
            return stored == null ? null : decode(key, stored);
        });
    }

    List<Entry> list(String prefix) {
        return onFile(() -> entriesBelow(prefix));
    }

    List<KeyRevision> keys(String prefix) {
        return onFile(() -> keysBelow(prefix));
    }

    List<String> leasedKeys() {
        return keysOfLease(-1);
    }

    List<String> keysOfLease(long lease) {
        return onFile(() -> keysHeldBy(lease));
    }

    /// Writes and forces; nothing is changed when it throws.
    List<Change> apply(List<Operation> operations) {
        return operations.isEmpty() ? List.of() : onFile(() -> write(operations));
    }

    void close() {
        try {
            onFile(() -> {
                store.close();
                return true;
            });
        } finally {
            thread.close();
        }
    }

    private <T extends @Nullable Object> T onFile(Supplier<T> call) {
        return thread.call(() -> guarded(call));
    }

    @SuppressWarnings("IllegalCatch") // MVStore meets a damaged page with whatever it stumbles over
    private <T extends @Nullable Object> T guarded(Supplier<T> call) {
        try {
            return call.get();
        } catch (MVStoreException e) {
            throw failed(e);
        } catch (RuntimeException e) {
            throw new StoreException(damaged(path, e), e);
        }
    }

    private long lastRevision() {
        return counters.getOrDefault(REVISION, 0L);
    }

    private List<Entry> entriesBelow(String prefix) {
        List<Entry> found = new ArrayList<>();
        Cursor<String, byte[]> cursor = entries.cursor(prefix);
        while (cursor.hasNext()) {
            String key = cursor.next();
            if (!key.startsWith(prefix)) {
                break;
            }
            found.add(decode(key, cursor.getValue()));
        }
        return found;
    }

    private List<KeyRevision> keysBelow(String prefix) {
        List<KeyRevision> found = new ArrayList<>();
        Cursor<String, byte[]> cursor = entries.cursor(prefix);
        while (cursor.hasNext()) {
            String key = cursor.next();
            if (!key.startsWith(prefix)) {
                break;
            }
            found.add(new KeyRevision(key, head(cursor.getValue()).getLong(Long.BYTES)));
        }
        return found;
    }

    private List<String> keysHeldBy(long lease) {
        List<String> found = new ArrayList<>();
        Cursor<String, byte[]> cursor = entries.cursor("");
        while (cursor.hasNext()) {
            String key = cursor.next();
            long owner = head(cursor.getValue()).getLong(2 * Long.BYTES);
            if (lease == -1 ? owner != 0 : owner == lease) {
                found.add(key);
            }
        }
        return found;
    }

    private List<Change> write(List<Operation> operations) {
        long revision = lastRevision() + 1;
        List<Change> changes = new ArrayList<>();
        for (Operation operation : operations) {
            switch (operation) {
                case Operation.Put put -> changes.add(put(put, revision));
                case Operation.Delete delete -> {
                    if (entries.remove(delete.key()) != null) {
                        changes.add(new Change.Deleted(delete.key(), revision));
                    }
                }
            }
        }
        if (changes.isEmpty()) {
            return changes;
        }
        counters.put(REVISION, revision);
        store.commit();
        store.sync();
        compactNowAndThen();
        return changes;
    }

    private Change put(Operation.Put put, long revision) {
        byte[] before = entries.get(put.key());
        long created = before == null ? revision : head(before).getLong();
        byte[] stored =
                ByteBuffer.allocate(HEAD_BYTES + put.value().length)
                        .putLong(created)
                        .putLong(revision)
                        .putLong(put.lease())
                        .put(put.value())
                        .array();
        entries.put(put.key(), stored);
        return new Change.Written(new Entry(put.key(), put.value(), created, revision));
    }

    /// Zeroed or flipped bits turn a value into nothing or into less than its head.
    private static ByteBuffer head(byte @Nullable [] stored) {
        if (stored == null || stored.length < HEAD_BYTES) {
            throw DataUtils.newMVStoreException(
                    DataUtils.ERROR_FILE_CORRUPT, "a value without its head");
        }
        return ByteBuffer.wrap(stored);
    }

    private static Entry decode(String key, byte[] stored) {
        ByteBuffer head = head(stored);
        byte[] value = new byte[stored.length - HEAD_BYTES];
        head.get(HEAD_BYTES, value);
        return new Entry(key, value, head.getLong(0), head.getLong(Long.BYTES));
    }

    private void compactNowAndThen() {
        if (++commits % COMMITS_PER_COMPACTION == 0) {
            store.compact(FILL_PERCENT, COMPACTION_BYTES);
        }
    }

    private StoreException failed(MVStoreException cause) {
        StoreException failure =
                new StoreException(
                        cause.getErrorCode() == DataUtils.ERROR_FILE_CORRUPT
                                ? damaged(path, cause)
                                : "cannot read or write "
                                        + path
                                        + " (is the disk full or read-only?): "
                                        + cause.getMessage(),
                        cause);
        try {
            if (store.isClosed()) {
                store = openStore();
            } else {
                store.rollback();
            }
            entries = store.openMap("entries");
            counters = store.openMap("counters");
        } catch (MVStoreException again) {
            failure.addSuppressed(again);
        }
        return failure;
    }

    private MVStore openStore() {
        MVStore store =
                new MVStore.Builder()
                        .fileName(fileSystem + path)
                        .autoCommitDisabled()
                        .cacheSize(16)
                        .open();
        // Space of dead chunks is used again at once: every commit is forced to disk before the
        // next begins, so none of them is needed for recovery any more.
        store.setRetentionTime(0);
        store.setVersionsToKeep(0);
        return store;
    }

    private static String damaged(Path path, RuntimeException e) {
        return path
                + " is damaged: move it away (the configs are read again, and code is built again) or"
                + " restore a copy. "
                + e;
    }

    private static String openingFailed(Path path, MVStoreException e) {
        return switch (e.getErrorCode()) {
            case DataUtils.ERROR_FILE_LOCKED ->
                    path
                            + " is in use by another Mimicore process: stop it, or give this one its own --state";
            case DataUtils.ERROR_FILE_CORRUPT -> damaged(path, e);
            default -> "cannot open " + path + ": " + e.getMessage();
        };
    }
}
