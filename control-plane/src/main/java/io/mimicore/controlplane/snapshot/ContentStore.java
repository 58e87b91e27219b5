package io.mimicore.controlplane.snapshot;

import io.mimicore.ir.Digest;
import io.mimicore.store.StoreException;
import java.util.Map;

/// Immutable content in the metadata store, with what was used lately kept in memory. Thread-safe;
/// methods block and throw [StoreException] when the store fails.
public interface ContentStore {
    /// Writes content under its digest; what is there already may be skipped.
    void putAll(Map<Digest, byte[]> content);

    /// The content; nobody writes to it.
    ///
    /// @throws StoreException if it is not there or damaged
    byte[] get(Digest digest);
}
