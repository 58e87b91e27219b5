package io.mimicore.store;

import static java.util.Objects.requireNonNull;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.mimicore.ir.Digest;
import io.mimicore.proto.store.v1.ObjectRecord;
import io.mimicore.store.Transaction.Operation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Immutable content in a metadata store, under its SHA-256: compressed, and in chunks where it is
/// large.
///
/// The record at `obj/{sha256}` is chunk 0 and is written last, so content that can be seen is
/// whole. Thread-safe; methods block and throw [StoreException] when the store fails.
public final class Objects {
    /// Largest chunk, in bytes.
    public static final int CHUNK_BYTES_MAX = 256 * 1024;

    /// Largest content, in bytes before compression.
    public static final int BYTES_MAX = 64 * 1024 * 1024;

    /// Compression of small JSON-like content gains little from higher levels.
    private static final int ZSTD_LEVEL = 3;

    private static final int BATCH_OPERATIONS_MAX = MetadataStore.OPERATIONS_MAX - 8;
    private static final int BATCH_BYTES_MAX = MetadataStore.TRANSACTION_BYTES_MAX - 128 * 1024;

    private final MetadataStore store;
    private final StoreKeys keys;

    /// @param keys the cluster's
    public Objects(MetadataStore store, StoreKeys keys) {
        this.store = requireNonNull(store, "store");
        this.keys = requireNonNull(keys, "keys");
    }

    /// Keeps `content`, unless it is there already.
    ///
    /// @throws IllegalArgumentException if it is larger than [#BYTES_MAX]
    public Digest put(byte[] content) {
        Digest digest = Digest.of(content);
        if (store.get(keys.object(digest)) == null) {
            putAll(List.of(content));
        }
        return digest;
    }

    /// Keeps all of `contents` in few transactions, without looking whether they are there already.
    ///
    /// @throws IllegalArgumentException if one is larger than [#BYTES_MAX]
    public void putAll(Collection<byte[]> contents) {
        Batch batch = new Batch();
        Set<Digest> seen = new HashSet<>();
        for (byte[] content : contents) {
            Digest digest = Digest.of(content);
            if (seen.add(digest)) {
                operations(digest, content).forEach(batch::add);
            }
        }
        batch.flush();
    }

    /// The content. Absent: there is none.
    ///
    /// @throws StoreException also if what is stored is damaged
    public byte @Nullable [] get(Digest digest) {
        MetadataStore.Entry entry = store.get(keys.object(digest));
        if (entry == null) {
            return null;
        }
        try {
            ObjectRecord record = ObjectRecord.parseFrom(entry.value());
            byte[] content = unpack(record, collect(digest, record));
            if (!Digest.of(content).equals(digest)) {
                throw new StoreException("object " + digest + " is damaged: its digest differs");
            }
            return content;
        } catch (InvalidProtocolBufferException | ZstdException e) {
            throw new StoreException("object " + digest + " is damaged", e);
        }
    }

    private List<Operation.Put> operations(Digest digest, byte[] content) {
        if (content.length > BYTES_MAX) {
            throw new IllegalArgumentException(
                    "content: " + content.length + " bytes (expected: at most " + BYTES_MAX + ")");
        }
        byte[] packed = Zstd.compress(content, ZSTD_LEVEL);
        boolean zstd = packed.length < content.length;
        byte[] stored = zstd ? packed : content;
        int chunks = Math.max(1, Math.ceilDiv(stored.length, CHUNK_BYTES_MAX));
        List<Operation.Put> operations = new ArrayList<>(chunks);
        for (int chunk = 1; chunk < chunks; chunk++) {
            operations.add(
                    new Operation.Put(
                            keys.objectChunk(digest, chunk),
                            piece(stored, chunk).toByteArray(),
                            0));
        }
        ObjectRecord record =
                ObjectRecord.newBuilder()
                        .setBytes(content.length)
                        .setChunks(chunks)
                        .setContent(piece(stored, 0))
                        .setZstd(zstd)
                        .build();
        operations.add(new Operation.Put(keys.object(digest), record.toByteArray(), 0));
        return operations;
    }

    private static ByteString piece(byte[] stored, int chunk) {
        int from = chunk * CHUNK_BYTES_MAX;
        int length = Math.min(CHUNK_BYTES_MAX, stored.length - from);
        return UnsafeByteOperations.unsafeWrap(stored, from, length);
    }

    private ByteString collect(Digest digest, ObjectRecord record) {
        ByteString stored = record.getContent();
        for (int chunk = 1; chunk < record.getChunks(); chunk++) {
            MetadataStore.Entry entry = store.get(keys.objectChunk(digest, chunk));
            if (entry == null) {
                throw new StoreException("object " + digest + " is damaged: no chunk " + chunk);
            }
            stored = stored.concat(ByteString.copyFrom(entry.value()));
        }
        return stored;
    }

    private static byte[] unpack(ObjectRecord record, ByteString stored) {
        long bytes = record.getBytes();
        if (bytes < 0 || bytes > BYTES_MAX) {
            throw new StoreException("an object claims " + bytes + " bytes");
        }
        return record.getZstd()
                ? Zstd.decompress(stored.toByteArray(), Math.toIntExact(bytes))
                : stored.toByteArray();
    }

    /// Writes gathered into as few transactions as the store's limits allow.
    private final class Batch {
        private Transaction.Builder transaction = Transaction.builder();
        private int operations;
        private int bytes;

        void add(Operation.Put put) {
            int size = put.key().length() + put.value().length;
            if (operations == BATCH_OPERATIONS_MAX || bytes + size > BATCH_BYTES_MAX) {
                flush();
            }
            transaction.put(put.key(), put.value());
            operations++;
            bytes += size;
        }

        void flush() {
            if (operations > 0) {
                store.commit(transaction.build());
                transaction = Transaction.builder();
                operations = 0;
                bytes = 0;
            }
        }
    }
}
