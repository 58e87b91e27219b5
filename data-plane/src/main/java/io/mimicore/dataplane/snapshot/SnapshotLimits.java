package io.mimicore.dataplane.snapshot;

import io.mimicore.ir.codec.IrCodec;

/// The largest snapshot that a node takes. One that declares more is rejected before anything is
/// allocated for it, with the code `LIMIT`.
///
/// @param apisMax APIs
/// @param routesMax routes of all APIs
/// @param irBytesMax encoded IR of all APIs, in bytes
/// @param changesBytesMax one offer's changes, in bytes
record SnapshotLimits(long apisMax, long routesMax, long irBytesMax, long changesBytesMax) {
    private static final long API_HEAP_BYTES = 4 * 1024;
    private static final long ROUTE_HEAP_BYTES = 512;

    SnapshotLimits {
        requirePositive("apisMax", apisMax);
        requirePositive("routesMax", routesMax);
        requirePositive("irBytesMax", irBytesMax);
        requirePositive("changesBytesMax", changesBytesMax);
    }

    /// What fits in a heap: an eighth of it for encoded IR, which is kept twice during a change and
    /// is several times larger when it is linked. The divisors are estimates; they keep a snapshot
    /// that could never fit from taking the node down, not from being uncomfortably large.
    ///
    /// @param heapBytes the largest the heap may grow to
    static SnapshotLimits ofHeap(long heapBytes) {
        long irBytes = Math.max(IrCodec.BYTES_MAX, heapBytes / 8);
        return new SnapshotLimits(
                Math.max(1_000, heapBytes / API_HEAP_BYTES),
                Math.max(10_000, heapBytes / ROUTE_HEAP_BYTES),
                irBytes,
                // Names and digests come on top of the IR.
                Math.min(Integer.MAX_VALUE, 2 * irBytes));
    }

    private static void requirePositive(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
        }
    }
}
