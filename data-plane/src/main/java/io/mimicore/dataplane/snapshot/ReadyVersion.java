package io.mimicore.dataplane.snapshot;

/// A version that waits for its activation.
///
/// @param nanos that its preparation took
record ReadyVersion(SnapshotContent content, Preparer.Prepared prepared, long nanos) {
    long version() {
        return content.version();
    }
}
