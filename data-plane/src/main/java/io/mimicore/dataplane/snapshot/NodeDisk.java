package io.mimicore.dataplane.snapshot;

import io.mimicore.signing.TrustedKey;
import java.nio.file.Path;

/// What a node keeps on disk.
record NodeDisk(SlotStore slots, CrashGuard guard) {
    static NodeDisk in(Path state, TrustedKey trusted) {
        Path directory = state.resolve("snapshots");
        return new NodeDisk(new SlotStore(directory, trusted), new CrashGuard(directory));
    }
}
