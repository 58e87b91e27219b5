package io.mimicore.dataplane.wasm;

import io.mimicore.dataplane.code.CodeFailure;
import io.mimicore.dataplane.code.CodePool;
import io.mimicore.dataplane.value.Value;
import io.mimicore.ir.UserCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The instances of one API's code, and the calls that wait for one.
///
/// A call takes its place in the queue, and then a turn on one of the node's [Runners], where it
/// gets an instance in the warm state. Afterwards the instance goes back into that state, or is
/// thrown away if the code did not return. All state is under one lock, which is never held while
/// anything runs.
final class WasmCodePool implements CodePool {
    /// Calls that wait, for each instance that may exist.
    static final int WAITING_PER_INSTANCE = 4;

    /// How long a call waits for an instance, if its own deadline is not shorter.
    private static final long WAIT_NANOS_MAX = TimeUnit.SECONDS.toNanos(1);

    private static final Logger LOG = LoggerFactory.getLogger(WasmCodePool.class);

    private final UserCode code;
    private final List<GuestFunction> functions;
    private final Runners runners;
    private final CallReport report;
    private final long timeoutNanos;
    private final long waitNanos;

    private final Object lock = new Object();
    private final ArrayDeque<WaitingCall> waiting = new ArrayDeque<>();
    private final ArrayDeque<Guest> idle = new ArrayDeque<>();

    /// Absent once the pool is closed and its last call has ended, so that the classes can go.
    private @Nullable GuestFactory factory;

    private int running;
    private boolean hasTurn;
    private boolean closed;

    WasmCodePool(UserCode code, GuestFactory factory, Runners runners, CallReport report) {
        this.code = code;
        this.factory = factory;
        this.runners = runners;
        this.report = report;
        this.functions = code.functions().stream().map(GuestFunction::of).toList();
        this.timeoutNanos = TimeUnit.MILLISECONDS.toNanos(code.timeoutMillis());
        this.waitNanos = Math.min(timeoutNanos, WAIT_NANOS_MAX);
        runners.watch(this);
    }

    /// Adds an instance that is ready from the beginning.
    void add(Guest guest) {
        synchronized (lock) {
            idle.addLast(guest);
        }
    }

    @Override
    public void call(int function, List<Value> arguments, Completion completion) {
        long now = runners.now();
        var call = new WaitingCall(function, arguments, completion, now);
        boolean accepted;
        boolean turn = false;
        synchronized (lock) {
            // Those that an instance could take now wait for a thread only.
            int free = code.maxInstances() - running;
            accepted =
                    !closed && waiting.size() < free + WAITING_PER_INSTANCE * code.maxInstances();
            if (accepted) {
                waiting.addLast(call);
                turn = takeTurn();
            }
        }
        if (turn) {
            runners.enqueue(this::runNext);
        }
        if (accepted) {
            runners.expect(now + waitNanos);
        } else {
            finishBusy(call, now);
        }
    }

    /// Whether the caller has to ask for a turn. Under the lock.
    private boolean takeTurn() {
        if (hasTurn || waiting.isEmpty() || running >= code.maxInstances()) {
            return false;
        }
        hasTurn = true;
        return true;
    }

    private void runNext(Runner runner) {
        WaitingCall call;
        Guest guest;
        GuestFactory makes;
        boolean turn;
        synchronized (lock) {
            hasTurn = false;
            call = waiting.pollFirst();
            makes = factory;
            if (call == null || makes == null) {
                return;
            }
            running++;
            // The one used last is the one most likely in the caches.
            guest = idle.pollLast();
            turn = takeTurn();
        }
        if (turn) {
            runners.enqueue(this::runNext);
        }
        Guest reusable = null;
        try {
            reusable = run(call, guest == null ? create(makes) : guest, makes, runner);
        } finally {
            release(reusable);
        }
    }

    private static @Nullable Guest create(GuestFactory makes) {
        try {
            return makes.create();
        } catch (MemoryBudget.ExhaustedException e) {
            return null;
        }
    }

    /// Runs a call and tells its outcome.
    ///
    /// @param guest absent when the node has no memory for one
    /// @return the instance, in the warm state, or null if there is none any more
    private @Nullable Guest run(
            WaitingCall call, @Nullable Guest guest, GuestFactory makes, Runner runner) {
        long start = runners.now();
        if (guest == null) {
            finishBusy(call, start);
            return null;
        }
        long deadline = start + timeoutNanos;
        runner.begin(deadline);
        runners.expect(deadline);
        CallResult result = CallResult.of(functions.get(call.function()), guest, call.arguments());
        if (runner.end()) {
            result = new CallResult.TimedOut();
        }
        finish(call, result, report.describe(call.function(), result, guest), start);
        return recycle(guest, result, makes);
    }

    private void finishBusy(WaitingCall call, long start) {
        finish(call, new CallResult.NotRun(), report.busy(call.function()), start);
    }

    // A completion is other code: whatever it throws must neither end the node's thread nor lose
    // the
    // instance.
    @SuppressWarnings("IllegalCatch")
    private void finish(
            WaitingCall call, CallResult result, @Nullable CodeFailure failure, long start) {
        report.record(call.function(), failure, runners.now() - start);
        try {
            if (failure != null) {
                call.completion().failed(failure);
            } else if (result instanceof CallResult.Returned(Value value)) {
                call.completion().completed(value);
            }
        } catch (RuntimeException | Error e) {
            LOG.error("the completion of a call of {} failed", nameOf(call), e);
        }
    }

    private static @Nullable Guest recycle(Guest guest, CallResult result, GuestFactory makes) {
        if (result.isAtRest()) {
            try {
                guest.reset(makes.image());
                return guest;
            } catch (OutOfMemoryError e) {
                // It had grown, and there is no heap for a memory of the old size beside it.
                LOG.warn("no heap to reset an instance, so it is thrown away", e);
            }
        }
        guest.free();
        return null;
    }

    private void release(@Nullable Guest reusable) {
        boolean turn;
        synchronized (lock) {
            running--;
            if (reusable != null) {
                idle.addLast(reusable);
            }
            turn = takeTurn();
            freeIfDone();
        }
        if (turn) {
            runners.enqueue(this::runNext);
        }
    }

    /// Fails the calls that waited too long.
    ///
    /// @return nanoseconds until the next one will have, or [Long#MAX_VALUE]
    long expireWaiting(long now) {
        List<WaitingCall> expired = List.of();
        long left = Long.MAX_VALUE;
        synchronized (lock) {
            for (WaitingCall first = waiting.peekFirst();
                    first != null;
                    first = waiting.peekFirst()) {
                left = first.sinceNanos() + waitNanos - now;
                if (left > 0) {
                    break;
                }
                left = Long.MAX_VALUE;
                if (expired.isEmpty()) {
                    expired = new ArrayList<>();
                }
                expired.add(waiting.removeFirst());
            }
            freeIfDone();
        }
        for (WaitingCall call : expired) {
            finishBusy(call, call.sinceNanos());
        }
        return left;
    }

    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            freeIfDone();
        }
    }

    /// Under the lock.
    private void freeIfDone() {
        GuestFactory makes = factory;
        if (!closed || makes == null || running > 0 || !waiting.isEmpty()) {
            return;
        }
        idle.forEach(Guest::free);
        idle.clear();
        makes.free();
        factory = null;
        runners.forget(this);
    }

    private String nameOf(WaitingCall call) {
        return functions.get(call.function()).name();
    }

    private record WaitingCall(
            int function, List<Value> arguments, Completion completion, long sinceNanos) {}
}
