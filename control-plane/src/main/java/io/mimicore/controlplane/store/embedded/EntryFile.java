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
import org.h2.mvstore.Cursor;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;

/// The entries on disk. Guarded by the store's lock.
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
    private MVStore store;
    private MVMap<String, byte[]> entries;
    private MVMap<String, Long> counters;
    private int commits;

    private EntryFile(Path path, String fileSystem) {
        this.path = path;
        this.fileSystem = fileSystem;
        this.store = openStore();
        this.entries = store.openMap("entries");
        this.counters = store.openMap("counters");
    }

    /// @param fileSystem prefix of the one of MVStore's file systems to go through; empty: the
    ///   usual
    static EntryFile open(Path path, String fileSystem) {
        try {
            Files.createDirectories(path.toAbsolutePath().getParent());
            return new EntryFile(path, fileSystem);
        } catch (IOException e) {
            throw new StoreException("cannot create the directory of " + path + ": " + e, e);
        } catch (MVStoreException e) {
            throw new StoreException(openingFailed(path, e), e);
        }
    }

    long revision() {
        return counters.getOrDefault(REVISION, 0L);
    }

    @Nullable Entry get(String key) {
        byte[] stored = entries.get(key);
        return stored == null ? null : decode(key, stored);
    }

    List<Entry> list(String prefix) {
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

    List<KeyRevision> keys(String prefix) {
        List<KeyRevision> found = new ArrayList<>();
        Cursor<String, byte[]> cursor = entries.cursor(prefix);
        while (cursor.hasNext()) {
            String key = cursor.next();
            if (!key.startsWith(prefix)) {
                break;
            }
            found.add(new KeyRevision(key, ByteBuffer.wrap(cursor.getValue()).getLong(Long.BYTES)));
        }
        return found;
    }

    List<String> leasedKeys() {
        return keysOfLease(-1);
    }

    List<String> keysOfLease(long lease) {
        List<String> found = new ArrayList<>();
        Cursor<String, byte[]> cursor = entries.cursor("");
        while (cursor.hasNext()) {
            String key = cursor.next();
            long owner = ByteBuffer.wrap(cursor.getValue()).getLong(2 * Long.BYTES);
            if (lease == -1 ? owner != 0 : owner == lease) {
                found.add(key);
            }
        }
        return found;
    }

    /// Writes and forces; nothing is changed when it throws.
    List<Change> apply(List<Operation> operations) {
        if (operations.isEmpty()) {
            return List.of();
        }
        long revision = revision() + 1;
        try {
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
        } catch (MVStoreException e) {
            throw failed(e);
        }
    }

    void close() {
        store.close();
    }

    private Change put(Operation.Put put, long revision) {
        byte[] before = entries.get(put.key());
        long created = before == null ? revision : ByteBuffer.wrap(before).getLong();
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

    private static Entry decode(String key, byte[] stored) {
        ByteBuffer head = ByteBuffer.wrap(stored);
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
                        "cannot write "
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

    private static String openingFailed(Path path, MVStoreException e) {
        return switch (e.getErrorCode()) {
            case DataUtils.ERROR_FILE_LOCKED ->
                    path
                            + " is in use by another Mimicore process: stop it, or give this one its own --state";
            case DataUtils.ERROR_FILE_CORRUPT ->
                    path
                            + " is damaged: move it away (the configs are read again, and code is built"
                            + " again) or restore a copy. "
                            + e.getMessage();
            default -> "cannot open " + path + ": " + e.getMessage();
        };
    }
}
