package io.mimicore.dataplane.wasm;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The threads of a node that run user code, and the one that watches their deadlines.
///
/// Pools take turns: one with work is in the queue once, whatever it has to do, and goes to the end
/// of it after each call. Thread-safe.
final class Runners implements AutoCloseable {
    /// Room for guests that recurse; Go's own stack is in linear memory.
    static final long STACK_BYTES = 4 << 20;

    /// While calls come, the watch thread looks at least this often, so that a call need not wake
    /// it.
    private static final long WATCH_NANOS = 20_000_000;

    private static final Logger LOG = LoggerFactory.getLogger(Runners.class);

    private final LinkedBlockingQueue<Turn> ready = new LinkedBlockingQueue<>();
    private final Set<WasmCodePool> watched = ConcurrentHashMap.newKeySet();
    private final List<Thread> threads = new ArrayList<>();
    private final List<Runner> runners = new ArrayList<>();
    private final LongSupplier nanoTime;
    private final Thread watch;

    /// When the watch thread looks again. It is forever in the future while it looks, and then
    /// every new deadline wakes it: the one it just missed as well.
    private volatile long nextLook;

    private volatile boolean waitsForever = true;
    private volatile boolean closed;

    private Runners(int count, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.watch = new Thread(this::watch, "wasm-deadlines");
        watch.setDaemon(true);
        for (int i = 0; i < count; i++) {
            var thread = new Thread(null, new Loop(i)::run, "wasm-" + i, STACK_BYTES);
            thread.setDaemon(true);
            threads.add(thread);
            runners.add(new Runner(thread));
        }
    }

    /// Starts `count` threads.
    ///
    /// @param nanoTime the clock of all deadlines, in nanoseconds from any origin
    static Runners start(int count, LongSupplier nanoTime) {
        var runners = new Runners(count, nanoTime);
        runners.threads.forEach(Thread::start);
        runners.watch.start();
        return runners;
    }

    long now() {
        return nanoTime.getAsLong();
    }

    /// Gives a pool a turn. It asks for one when it has a call and an instance for it, and has
    /// none.
    void enqueue(Turn turn) {
        ready.add(turn);
    }

    /// Watches the waiting calls of a pool from now on.
    void watch(WasmCodePool pool) {
        watched.add(pool);
    }

    /// Watches no longer.
    void forget(WasmCodePool pool) {
        watched.remove(pool);
    }

    /// Makes sure that deadlines are looked at by then. Call it after the deadline can be seen.
    void expect(long deadlineNanos) {
        if (waitsForever || deadlineNanos - nextLook < 0) {
            LockSupport.unpark(watch);
        }
    }

    /// Stops the threads when all calls that were accepted have ended. Pools must be closed before.
    @Override
    public void close() {
        closed = true;
        ready.add(_ -> {});
        LockSupport.unpark(watch);
    }

    private void watch() {
        while (!closed || threads.stream().anyMatch(Thread::isAlive)) {
            waitsForever = true;
            long now = nanoTime.getAsLong();
            park(look(now), now);
        }
    }

    // As in the loop of the runners: without this thread, no deadline would be kept any more.
    @SuppressWarnings("IllegalCatch")
    private long look(long now) {
        long left = Long.MAX_VALUE;
        try {
            for (Runner runner : runners) {
                left = Math.min(left, runner.check(now));
            }
            for (WasmCodePool pool : watched) {
                left = Math.min(left, pool.expireWaiting(now));
            }
        } catch (RuntimeException | Error e) {
            LOG.error("the watch of deadlines failed, and goes on", e);
            return WATCH_NANOS;
        }
        return left;
    }

    private void park(long left, long now) {
        if (left == Long.MAX_VALUE && !closed) {
            LockSupport.park(this);
        } else {
            long nanos = Math.min(left, WATCH_NANOS);
            nextLook = now + nanos;
            waitsForever = false;
            LockSupport.parkNanos(this, nanos);
        }
        Thread.interrupted();
    }

    /// One call of one pool.
    @FunctionalInterface
    interface Turn {
        /// Runs the call. Throws nothing.
        void run(Runner runner);
    }

    private final class Loop {
        private final int index;

        Loop(int index) {
            this.index = index;
        }

        void run() {
            Runner runner = runners.get(index);
            while (!closed || !ready.isEmpty()) {
                Turn turn;
                try {
                    turn = ready.take();
                } catch (InterruptedException e) {
                    // Nobody interrupts between runs; a stray interruption must not end the thread.
                    continue;
                }
                run(turn, runner);
            }
            // Whatever woke this thread for its end may have been meant for another one.
            ready.add(_ -> {});
        }

        // A turn throws nothing, but the heap may be full anywhere, and a node that loses its
        // threads one by
        // one is worse than one call without an answer.
        @SuppressWarnings("IllegalCatch")
        private void run(Turn turn, Runner runner) {
            try {
                turn.run(runner);
            } catch (RuntimeException | Error e) {
                LOG.error("a turn of user code failed", e);
            }
        }
    }
}
