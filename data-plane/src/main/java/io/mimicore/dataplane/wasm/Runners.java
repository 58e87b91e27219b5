package io.mimicore.dataplane.wasm;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The threads of a node that run user code, and the one that watches their deadlines.
///
/// Pools take turns: one with work is in the queue once, whatever it has to do, and goes to the end
/// of it after each call. A turn needs one of as many places as there are processors. Whatever runs
/// longer than [#PLACE_NANOS_MAX] gives its place up and goes on without one, on a thread that is
/// replaced from a reserve: code that never returns takes processor time from others, but never
/// their turn. All of them step back a little (see [#NICE]). Thread-safe.
final class Runners implements AutoCloseable {
    /// Room for guests that recurse; Go's own stack is in linear memory.
    static final long STACK_BYTES = 4 << 20;

    /// How far runners step back for event loops and whoever else answers at once (nice(2)): where
    /// both want a processor, user code has a third of its time. Without it an event loop waits for
    /// milliseconds until code that never waits has used up its share.
    static final int NICE = 5;

    /// How long a turn keeps its place.
    private static final long PLACE_NANOS_MAX = 5_000_000;

    /// A run that takes longer is long, and a function whose runs do so on average is slow. Far
    /// above what functions take that the JIT compiler has not seen yet, on a busy machine.
    static final long SHORT_NANOS_MAX = 20_000_000;

    /// Threads beside those that have a place. Each API holds a few of them at most (see
    /// [#slowRunsMax]), so that it takes many hostile APIs to hold all.
    static final int RESERVE_THREADS = 32;

    /// While calls come, the watch thread looks at least this often, so that a call need not wake
    /// it.
    private static final long WATCH_NANOS = PLACE_NANOS_MAX;

    private static final Logger LOG = LoggerFactory.getLogger(Runners.class);

    private final int places;
    private final LongSupplier nanoTime;
    private final Set<WasmCodePool> watched = ConcurrentHashMap.newKeySet();
    private final List<Loop> loops = new ArrayList<>();
    private final Thread watch;

    private final Object lock = new Object();

    /// Not empty only while all places are taken or no thread is idle. Under the lock.
    private final ArrayDeque<Turn> ready = new ArrayDeque<>();

    /// The thread that ran last is the one most likely in the caches. Under the lock.
    private final ArrayDeque<Loop> idle = new ArrayDeque<>();

    /// Turns that have a place. Under the lock.
    private int placesTaken;

    /// When the watch thread looks again. It is forever in the future while it looks, and then
    /// every new deadline wakes it: the one it just missed as well.
    private volatile long nextLook;

    private volatile boolean waitsForever = true;
    private volatile boolean closed;

    private Runners(int places, LongSupplier nanoTime) {
        this.places = places;
        this.nanoTime = nanoTime;
        this.watch = new Thread(this::watch, "wasm-deadlines");
        watch.setDaemon(true);
        for (int i = 0; i < places + RESERVE_THREADS; i++) {
            loops.add(new Loop(i));
        }
    }

    /// Starts the threads.
    ///
    /// @param places turns at a time, as many as there are processors for user code
    /// @param nanoTime the clock of all deadlines, in nanoseconds from any origin
    static Runners start(int places, LongSupplier nanoTime) {
        var runners = new Runners(places, nanoTime);
        runners.loops.forEach(loop -> loop.thread.start());
        runners.watch.start();
        return runners;
    }

    long now() {
        return nanoTime.getAsLong();
    }

    /// Calls of one API that run at a time at most.
    int runsMax() {
        return places;
    }

    /// Slow calls of one API that run at a time at most: the other half of the processors is for
    /// the others.
    int slowRunsMax() {
        return Math.max(1, places / 2);
    }

    /// Runs that have gone on without a place.
    int longRuns() {
        synchronized (lock) {
            int count = 0;
            for (Loop loop : loops) {
                count += loop.turn != null && !loop.hasPlace ? 1 : 0;
            }
            return count;
        }
    }

    /// Gives a pool a turn. It asks for one when it has a call and an instance for it, and has
    /// none.
    void enqueue(Turn turn) {
        Loop woken;
        synchronized (lock) {
            ready.addLast(turn);
            woken = dispatch();
        }
        wake(woken);
    }

    /// Gives the next turn to an idle thread, if there is a place for it. Under the lock.
    private @Nullable Loop dispatch() {
        if (ready.isEmpty() || placesTaken >= places || idle.isEmpty()) {
            return null;
        }
        Loop loop = idle.removeLast();
        loop.take(ready.removeFirst());
        return loop;
    }

    private static void wake(@Nullable Loop loop) {
        if (loop != null) {
            LockSupport.unpark(loop.thread);
        }
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
        loops.forEach(loop -> LockSupport.unpark(loop.thread));
        LockSupport.unpark(watch);
    }

    private void watch() {
        while (!closed || loops.stream().anyMatch(loop -> loop.thread.isAlive())) {
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
            for (Loop loop : loops) {
                left = Math.min(left, loop.runner.check(now));
                left = Math.min(left, loop.checkPlace(now));
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
        void run(Loop loop);
    }

    /// One of the threads.
    final class Loop {
        private final Thread thread;
        private final Runner runner;

        /// What runs here, for the watch thread. It may be a call that has just ended, or the one
        /// after the one that was meant; the pool bears with both.
        private volatile @Nullable PendingCall call;

        /// Under the lock, as the three below.
        private @Nullable Turn turn;

        private boolean hasPlace;
        private boolean isLong;
        private long sinceNanos;

        private Loop(int index) {
            this.thread = new Thread(null, this::run, "wasm-" + index, STACK_BYTES);
            thread.setDaemon(true);
            this.runner = new Runner(thread);
        }

        /// Begins the run of a call. Only on this thread.
        void begin(PendingCall started, long deadlineNanos) {
            call = started;
            runner.begin(deadlineNanos);
            expect(deadlineNanos);
        }

        /// Ends the run.
        ///
        /// @return whether the deadline came first
        boolean end() {
            call = null;
            return runner.end();
        }

        /// Gives the place of this turn to another one, for a run that will be long.
        void giveUpPlace() {
            Loop woken;
            synchronized (lock) {
                woken = leavePlace();
            }
            wake(woken);
        }

        /// Under the lock.
        private @Nullable Loop leavePlace() {
            if (!hasPlace) {
                return null;
            }
            hasPlace = false;
            placesTaken--;
            return dispatch();
        }

        /// Under the lock.
        private void take(Turn next) {
            turn = next;
            hasPlace = true;
            isLong = false;
            sinceNanos = now();
            placesTaken++;
        }

        /// Takes the place away if the turn has had it for too long, and tells the pool when the
        /// run is a long one.
        ///
        /// @return nanoseconds until one of both, or [Long#MAX_VALUE]
        private long checkPlace(long now) {
            Loop woken = null;
            PendingCall running = null;
            long left = Long.MAX_VALUE;
            synchronized (lock) {
                if (turn != null && !isLong) {
                    long age = now - sinceNanos;
                    if (age >= PLACE_NANOS_MAX) {
                        woken = leavePlace();
                    }
                    isLong = age >= SHORT_NANOS_MAX;
                    running = isLong ? call : null;
                    left = (hasPlace ? PLACE_NANOS_MAX : SHORT_NANOS_MAX) - age;
                }
            }
            wake(woken);
            if (running != null) {
                running.becomesLong();
            }
            return left > 0 ? left : Long.MAX_VALUE;
        }

        private void run() {
            ThreadNiceness.set(NICE);
            for (Turn next = next(); next != null; next = next()) {
                run(next);
            }
        }

        /// The next turn, or null when there will be none.
        private @Nullable Turn next() {
            synchronized (lock) {
                if (turn != null && hasPlace) {
                    placesTaken--;
                }
                turn = null;
                if (!ready.isEmpty() && placesTaken < places) {
                    take(ready.removeFirst());
                    return turn;
                }
                idle.addLast(this);
            }
            while (true) {
                synchronized (lock) {
                    if (turn != null) {
                        return turn;
                    }
                    if (closed) {
                        idle.remove(this);
                        return null;
                    }
                }
                LockSupport.park(this);
                // Nobody interrupts between runs; a stray interruption must not end the thread.
                Thread.interrupted();
            }
        }

        // A turn throws nothing, but the heap may be full anywhere, and a node that loses its
        // threads one by
        // one is worse than one call without an answer.
        @SuppressWarnings("IllegalCatch")
        private void run(Turn next) {
            try {
                next.run(this);
            } catch (RuntimeException | Error e) {
                LOG.error("a turn of user code failed", e);
            }
        }
    }
}
