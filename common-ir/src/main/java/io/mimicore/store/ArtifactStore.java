package io.mimicore.store;

import io.mimicore.ir.Digest;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Large immutable content under its own SHA-256.
///
/// Thread-safe; methods block. Every method throws [StoreException] when the store fails.
public interface ArtifactStore {
    /// Largest content, in bytes.
    long BYTES_MAX = 256L * 1024 * 1024;

    /// Keeps `content` under its digest. Content that is there already is left as it is.
    ///
    /// When this returns the content survives a crash of the machine.
    Stored put(byte[] content);

    /// Opens the content; the caller closes it. Absent: there is none.
    ///
    /// The bytes are as stored; whoever uses them checks the digest.
    @Nullable InputStream open(Digest digest);

    /// Whether the content is there.
    boolean contains(Digest digest);

    /// Removes the content, if it is there.
    void delete(Digest digest);

    /// What is there, in no order.
    List<Listed> list();

    /// Uploads that were begun and have not ended, at most a thousand, in no order. They take room
    /// and are no content.
    default List<Upload> uploads() {
        return List.of();
    }

    /// Gives an upload up and frees its room, if it is there.
    default void abort(Upload upload) {}

    /// A URL that serves the content for `validity` without credentials. Absent: this store has
    /// none, read it with [#open].
    @Nullable URI presign(Digest digest, Duration validity);

    /// What [#put] did.
    ///
    /// @param created false: the same content was there already
    record Stored(Digest digest, boolean created) {}

    /// An upload that has not ended.
    ///
    /// @param name of the content it was to be
    /// @param id the store's own, different for each upload
    record Upload(String name, String id) {}

    /// An item of [#list].
    ///
    /// @param bytes its size
    /// @param modified when it was stored
    record Listed(Digest digest, long bytes, Instant modified) {}
}
