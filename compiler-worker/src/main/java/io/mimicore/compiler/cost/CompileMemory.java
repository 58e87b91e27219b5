package io.mimicore.compiler.cost;

import java.util.concurrent.Semaphore;

/// The share of this process's heap that modules may take while they are compiled, all together.
///
/// Who finds it taken waits in line. Thread-safe.
public final class CompileMemory {
    private static final long UNIT_BYTES = 1024 * 1024;

    private final int unitsMax;
    private final Semaphore units;

    /// @param bytes that compiling may take at a time, at least one MiB
    public CompileMemory(long bytes) {
        if (bytes < UNIT_BYTES) {
            throw new IllegalArgumentException(
                    "bytes: " + bytes + " (expected: at least " + UNIT_BYTES + ")");
        }
        this.unitsMax = (int) Math.min(Integer.MAX_VALUE, bytes / UNIT_BYTES);
        this.units = new Semaphore(unitsMax, /* fair= */ true);
    }

    /// Two thirds of the largest heap that this JVM may have: the rest is for what else the process
    /// does.
    public static CompileMemory ofThisProcess() {
        return new CompileMemory(Math.max(UNIT_BYTES, Runtime.getRuntime().maxMemory() / 3 * 2));
    }

    /// Bytes that compiling may take at a time.
    public long bytesMax() {
        return unitsMax * UNIT_BYTES;
    }

    /// Whether a module could be compiled if no other were.
    public boolean suffices(ModuleCost cost) {
        return cost.heapBytes() <= bytesMax();
    }

    /// Waits for the memory.
    ///
    /// @param cost of a module that it [#suffices] for
    /// @return gives the memory back when it is closed
    public Taken take(ModuleCost cost) throws InterruptedException {
        int wanted = (int) (cost.heapBytes() / UNIT_BYTES) + 1;
        int taken = Math.min(wanted, unitsMax);
        units.acquire(taken);
        return () -> units.release(taken);
    }

    /// Memory that is taken.
    @FunctionalInterface
    public interface Taken extends AutoCloseable {
        @Override
        void close();
    }
}
