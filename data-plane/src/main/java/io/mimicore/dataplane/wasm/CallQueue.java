package io.mimicore.dataplane.wasm;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The calls of one pool: those that wait, in two queues, and how many run.
///
/// A function is slow when its runs take longer than [Runners#SHORT_NANOS_MAX] on average, or as
/// many of them as may do are at it now. Calls of slow functions wait for each other, in a queue of
/// their own, so that they hold only a part of the processors and never those that other functions
/// of the same API, or other APIs, need. Confined to the pool's lock.
final class CallQueue {
    /// A run counts one part in this many in its function's average.
    private static final int AVERAGE_RUNS = 8;

    private final int runsMax;
    private final int slowRunsMax;
    private final ArrayDeque<PendingCall> quick = new ArrayDeque<>();
    private final ArrayDeque<PendingCall> slow = new ArrayDeque<>();

    /// For each function, the average of its runs in nanoseconds.
    private final long[] averages;

    private int running;
    private int slowRunning;

    /// @param runsMax calls that run at a time at most
    /// @param slowRunsMax how many of them may be slow
    CallQueue(int functions, int runsMax, int slowRunsMax) {
        this.averages = new long[functions];
        this.runsMax = runsMax;
        this.slowRunsMax = slowRunsMax;
    }

    int running() {
        return running;
    }

    int waiting() {
        return quick.size() + slow.size();
    }

    void add(PendingCall call) {
        (isSlow(call.function()) ? slow : quick).addLast(call);
    }

    /// Whether a call that waits could begin.
    boolean isStartable() {
        return running < runsMax && (!quick.isEmpty() || isSlowStartable());
    }

    private boolean isSlowStartable() {
        return !slow.isEmpty() && slowRunning < slowRunsMax;
    }

    /// Begins the call that came first of those that may; null if there is none.
    @Nullable PendingCall begin() {
        if (running >= runsMax) {
            return null;
        }
        PendingCall first = quick.peekFirst();
        PendingCall firstSlow = isSlowStartable() ? slow.peekFirst() : null;
        if (firstSlow != null
                && (first == null || firstSlow.sinceNanos() - first.sinceNanos() < 0)) {
            slow.removeFirst();
            slowRunning++;
            firstSlow.isSlowRun = true;
            first = firstSlow;
        } else if (first != null) {
            quick.removeFirst();
        }
        if (first != null) {
            first.isRunning = true;
            running++;
        }
        return first;
    }

    /// A call runs for longer than it should.
    void becomesLong(PendingCall call) {
        if (!call.isRunning || call.isSlowRun) {
            return;
        }
        call.isSlowRun = true;
        slowRunning++;
        if (slowRunning >= slowRunsMax) {
            // At least as slow as it is now; it says how slow itself when it ends.
            note(call.function(), AVERAGE_RUNS * 2 * Runners.SHORT_NANOS_MAX);
        }
    }

    /// A call has ended.
    void end(PendingCall call, long nanos) {
        call.isRunning = false;
        running--;
        if (call.isSlowRun) {
            slowRunning--;
        }
        note(call.function(), nanos);
    }

    private boolean isSlow(int function) {
        return averages[function] > Runners.SHORT_NANOS_MAX;
    }

    private void note(int function, long nanos) {
        boolean wasSlow = isSlow(function);
        averages[function] += (nanos - averages[function]) / AVERAGE_RUNS;
        if (!wasSlow && isSlow(function)) {
            for (Iterator<PendingCall> calls = quick.iterator(); calls.hasNext(); ) {
                PendingCall call = calls.next();
                if (call.function() == function) {
                    calls.remove();
                    slow.addLast(call);
                }
            }
        }
    }

    /// Takes out the calls that have waited since before `since`.
    List<PendingCall> expire(long since) {
        List<PendingCall> expired = List.of();
        for (ArrayDeque<PendingCall> queue : List.of(quick, slow)) {
            for (Iterator<PendingCall> calls = queue.iterator(); calls.hasNext(); ) {
                PendingCall call = calls.next();
                if (call.sinceNanos() - since <= 0) {
                    calls.remove();
                    if (expired.isEmpty()) {
                        expired = new ArrayList<>();
                    }
                    expired.add(call);
                }
            }
        }
        return expired;
    }

    /// When the call that has waited longest came.
    ///
    /// @param otherwise what to say when none waits
    long oldest(long otherwise) {
        long oldest = otherwise;
        for (ArrayDeque<PendingCall> queue : List.of(quick, slow)) {
            for (PendingCall call : queue) {
                if (call.sinceNanos() - oldest < 0) {
                    oldest = call.sinceNanos();
                }
            }
        }
        return oldest;
    }
}
