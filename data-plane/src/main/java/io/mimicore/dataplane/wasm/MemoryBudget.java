package io.mimicore.dataplane.wasm;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// The bytes of linear memory that all instances of a node may hold together, and the arrays that
/// they are in. Thread-safe.
///
/// One API's limits bound its own instances; this bounds their sum, so that no mix of APIs can take
/// the heap away from the node.
///
/// Arrays of many mebibytes are what the collector stops the node for, and a hostile call could
/// make it allocate one after the other. So those that are given back are kept for the next one
/// that needs one, whosever it is, up to a share of the budget; what is in them is rubbish.
final class MemoryBudget {
    /// One part in this many of the budget is kept at most.
    private static final int KEPT_SHARE = 4;

    private static final int KEPT_ARRAYS_MAX = 64;

    private final long bytesMax;

    /// The one given back last is at the end. Under this lock, as the two below.
    private final ArrayDeque<byte[]> kept = new ArrayDeque<>();

    private long used;
    private long keptBytes;

    MemoryBudget(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /// How long an array has to be, in bytes.
    ///
    /// @param min less is of no use
    /// @param preferred length of a new one, if the budget has it; else it is as short as it can be
    /// @param max length of a kept one; the longest is taken
    record Lengths(int min, int preferred, int max) {}

    /// Takes `bytes` if they are there.
    synchronized boolean tryReserve(long bytes) {
        if (bytes > bytesMax - used) {
            return false;
        }
        used += bytes;
        while (keptBytes > bytesMax - used) {
            keptBytes -= kept.removeFirst().length;
        }
        return true;
    }

    /// Takes `bytes`.
    ///
    /// @throws ExhaustedException if they are not there
    void reserve(long bytes) {
        if (!tryReserve(bytes)) {
            throw exhausted(bytes);
        }
    }

    /// Gives `bytes` back.
    synchronized void release(long bytes) {
        used -= bytes;
    }

    /// Takes an array. Unless it is new, anything may be in it.
    ///
    /// @return null if the budget or the heap has none
    byte @Nullable [] tryTake(Lengths lengths) {
        byte[] array = takeKept(lengths);
        if (array == null) {
            array = allocate(lengths.preferred());
        }
        return array == null && lengths.min() < lengths.preferred()
                ? allocate(lengths.min())
                : array;
    }

    /// Takes an array. Unless it is new, anything may be in it.
    ///
    /// @throws ExhaustedException if the budget or the heap has none
    byte[] take(Lengths lengths) {
        byte[] array = tryTake(lengths);
        if (array == null) {
            throw exhausted(lengths.min());
        }
        return array;
    }

    /// Gives an array back, which must not be used any more.
    synchronized void give(byte[] array) {
        used -= array.length;
        long keptMax = Math.min(bytesMax / KEPT_SHARE, bytesMax - used);
        if (array.length == 0 || array.length > keptMax) {
            return;
        }
        kept.addLast(array);
        keptBytes += array.length;
        while (keptBytes > keptMax || kept.size() > KEPT_ARRAYS_MAX) {
            keptBytes -= kept.removeFirst().length;
        }
    }

    /// Bytes taken; those of kept arrays are not.
    synchronized long used() {
        return used;
    }

    private synchronized byte @Nullable [] takeKept(Lengths lengths) {
        byte[] best = null;
        for (byte[] array : kept) {
            if (array.length >= lengths.min()
                    && array.length <= lengths.max()
                    && (best == null || array.length >= best.length)) {
                best = array;
            }
        }
        if (best != null) {
            // An array equals itself alone.
            kept.remove(best);
            keptBytes -= best.length;
            used += best.length;
        }
        return best;
    }

    private byte @Nullable [] allocate(int length) {
        if (!tryReserve(length)) {
            return null;
        }
        try {
            return new byte[length];
        } catch (OutOfMemoryError e) {
            release(length);
            return null;
        }
    }

    private synchronized ExhaustedException exhausted(long bytes) {
        return new ExhaustedException(
                "no memory for another instance: "
                        + bytes
                        + " bytes (expected: at most "
                        + (bytesMax - used)
                        + " of the node's "
                        + bytesMax
                        + ")");
    }

    /// The node has no memory for another instance.
    static final class ExhaustedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ExhaustedException(String message) {
            super(message);
        }
    }
}
