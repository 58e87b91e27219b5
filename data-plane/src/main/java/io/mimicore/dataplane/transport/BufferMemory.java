package io.mimicore.dataplane.transport;

import io.netty.util.internal.PlatformDependent;

/// The memory off the heap that Netty has, the allocator's and any other, and how much of it there
/// may be. Thread-safe.
public final class BufferMemory {
    private BufferMemory() {}

    /// Of this process.
    public static BufferMemory ofThisProcess() {
        return new BufferMemory();
    }

    /// What it has, in bytes; 0: it is not counted.
    public long directBytes() {
        return Math.max(0, PlatformDependent.usedDirectMemory());
    }

    /// What it may have, in bytes; beyond it, reading and writing fail.
    public long directBytesMax() {
        return PlatformDependent.maxDirectMemory();
    }
}
