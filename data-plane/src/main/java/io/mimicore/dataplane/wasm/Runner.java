package io.mimicore.dataplane.wasm;

import java.util.concurrent.atomic.AtomicLong;

/// The deadline of what one thread runs.
///
/// An interruption is meant for one run, and must never reach the next one on the same thread. So
/// the run's end and its interruption compete for one state, which also counts the runs: whoever
/// loses sees that the other was first. When the deadline wins, the thread waits until the
/// interruption was delivered, and clears it.
final class Runner {
    private static final int PHASE_BITS = 2;
    private static final int PHASE_MASK = (1 << PHASE_BITS) - 1;
    private static final int IDLE = 0;
    private static final int RUNNING = 1;
    private static final int INTERRUPTING = 2;
    private static final int INTERRUPTED = 3;

    private final Thread thread;

    /// Number of the run, then the phase in the lowest bits.
    private final AtomicLong state = new AtomicLong(IDLE);

    /// Written before the state becomes RUNNING, so whoever sees that run sees its deadline or a
    /// later run's.
    private volatile long deadlineNanos;

    Runner(Thread thread) {
        this.thread = thread;
    }

    /// Begins a run. Only on its own thread.
    ///
    /// @param deadline when it ends at the latest, on the clock that [#check] is called with
    void begin(long deadline) {
        // An interruption from elsewhere is not this run's.
        Thread.interrupted();
        long run = (state.get() >>> PHASE_BITS) + 1;
        deadlineNanos = deadline;
        state.set((run << PHASE_BITS) | RUNNING);
    }

    /// Ends the run. Only on its own thread, which is not interrupted afterwards.
    ///
    /// @return whether the deadline came first
    boolean end() {
        long run = state.get() & ~PHASE_MASK;
        if (state.compareAndSet(run | RUNNING, run | IDLE)) {
            return false;
        }
        while (state.get() != (run | INTERRUPTED)) {
            Thread.onSpinWait();
        }
        Thread.interrupted();
        state.set(run | IDLE);
        return true;
    }

    /// Interrupts the run if its deadline has come. Any thread, but one at a time.
    ///
    /// @return nanoseconds until the deadline of what runs, or [Long#MAX_VALUE]
    long check(long now) {
        long seen = state.get();
        if ((seen & PHASE_MASK) != RUNNING) {
            return Long.MAX_VALUE;
        }
        long left = deadlineNanos - now;
        if (left > 0) {
            return left;
        }
        long run = seen & ~PHASE_MASK;
        if (state.compareAndSet(seen, run | INTERRUPTING)) {
            thread.interrupt();
            state.set(run | INTERRUPTED);
        }
        return Long.MAX_VALUE;
    }
}
