package io.mimicore.dataplane.wasm;

import io.mimicore.dataplane.code.CodeFailure;
import io.mimicore.dataplane.code.CodePool;
import io.mimicore.dataplane.value.Value;
import io.mimicore.ir.UserCode;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The instances of one API's code, and the calls that wait for one.
///
/// A call takes its place in the queue, and then a turn on one of the node's [Runners], where it
/// gets an instance in the warm state. Afterwards the instance goes back into that state, or a new
/// one takes its place if the code did not return. All state is under one lock, which is never held
/// while anything runs.
final class WasmCodePool implements CodePool, Runners.Turn {
    /// Calls that wait, for each instance that may exist.
    static final int WAITING_PER_INSTANCE = 4;

    /// How long a call waits for an instance and a turn. Not bounded by the code's own deadline,
    /// which may be shorter than a busy machine's stalls: what is quick to run is worth its wait.
    private static final long WAIT_MILLIS_MAX = 1_000;

    private static final long WAIT_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(WAIT_MILLIS_MAX);

    private static final Logger LOG = LoggerFactory.getLogger(WasmCodePool.class);

    private final UserCode code;
    private final List<GuestFunction> functions;
    private final Runners runners;
    private final CallReport report;
    private final long timeoutNanos;

    private final Object lock = new Object();
    private final CallQueue calls;
    private final ArrayDeque<Guest> idle = new ArrayDeque<>();

    /// Absent once the pool is closed and its last call has ended, so that the classes can go.
    private @Nullable GuestFactory factory;

    private boolean hasTurn;
    private boolean closed;

    WasmCodePool(UserCode code, GuestFactory factory, Runners runners, CallReport report) {
        this.code = code;
        this.factory = factory;
        this.runners = runners;
        this.report = report;
        this.functions = code.functions().stream().map(GuestFunction::of).toList();
        this.timeoutNanos = TimeUnit.MILLISECONDS.toNanos(code.timeoutMillis());
        this.calls =
                new CallQueue(
                        functions.size(),
                        Math.min(code.maxInstances(), runners.runsMax()),
                        Math.min(code.maxInstances(), runners.slowRunsMax()));
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
        var call = new PendingCall(this, function, arguments, completion, now);
        boolean accepted;
        boolean turn = false;
        synchronized (lock) {
            // Those that an instance could take now wait for a thread only.
            int free = code.maxInstances() - calls.running();
            accepted =
                    !closed && calls.waiting() < free + WAITING_PER_INSTANCE * code.maxInstances();
            if (accepted) {
                calls.add(call);
                turn = takeTurn();
            }
        }
        if (turn) {
            runners.enqueue(this);
        }
        if (accepted) {
            runners.expect(now + WAIT_NANOS_MAX);
        } else {
            finishBusy(call, now, report.full(call.function()));
        }
    }

    /// Whether the caller has to ask for a turn. Under the lock.
    private boolean takeTurn() {
        if (hasTurn || !calls.isStartable()) {
            return false;
        }
        hasTurn = true;
        return true;
    }

    @Override
    public void run(Runners.Loop loop) {
        PendingCall call;
        Guest guest;
        GuestFactory makes;
        boolean turn;
        boolean isSlow;
        synchronized (lock) {
            hasTurn = false;
            makes = factory;
            call = makes == null ? null : calls.begin();
            if (call == null || makes == null) {
                return;
            }
            isSlow = call.isSlowRun;
            // The one used last is the one most likely in the caches.
            guest = idle.pollLast();
            turn = takeTurn();
        }
        if (turn) {
            runners.enqueue(this);
        }
        if (isSlow) {
            loop.giveUpPlace();
        }
        long start = runners.now();
        Guest reusable = null;
        try {
            reusable = run(call, guest == null ? create(makes) : guest, makes, loop);
        } finally {
            release(call, runners.now() - start, reusable);
        }
    }

    /// A call runs for longer than [Runners#SHORT_NANOS_MAX].
    void becomesLong(PendingCall call) {
        synchronized (lock) {
            calls.becomesLong(call);
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
            PendingCall call, @Nullable Guest guest, GuestFactory makes, Runners.Loop loop) {
        long start = runners.now();
        if (guest == null) {
            finishBusy(call, start, report.withoutMemory(call.function()));
            return null;
        }
        long deadline = start + timeoutNanos;
        loop.begin(call, deadline);
        CallResult result = CallResult.of(functions.get(call.function()), guest, call.arguments());
        if (loop.end()) {
            result = new CallResult.TimedOut();
        }
        finish(call, result, report.describe(call.function(), result, guest), start);
        return recycle(guest, result, makes);
    }

    private void finishBusy(PendingCall call, long start, CodeFailure why) {
        finish(call, new CallResult.NotRun(), why, start);
    }

    // A completion is other code: whatever it throws must neither end the node's thread nor lose
    // the
    // instance.
    @SuppressWarnings("IllegalCatch")
    private void finish(
            PendingCall call, CallResult result, @Nullable CodeFailure failure, long start) {
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

    private static Guest recycle(Guest guest, CallResult result, GuestFactory makes) {
        if (!result.isAtRest()) {
            return makes.renew(guest);
        }
        guest.reset(makes.image());
        return guest;
    }

    private void release(PendingCall call, long nanos, @Nullable Guest reusable) {
        boolean turn;
        synchronized (lock) {
            calls.end(call, nanos);
            if (reusable != null) {
                idle.addLast(reusable);
            }
            turn = takeTurn();
            freeIfDone();
        }
        if (turn) {
            runners.enqueue(this);
        }
    }

    /// Fails the calls that waited too long.
    ///
    /// @return nanoseconds until the next one will have, or [Long#MAX_VALUE]
    long expireWaiting(long now) {
        List<PendingCall> expired;
        long left;
        synchronized (lock) {
            if (calls.waiting() == 0) {
                return Long.MAX_VALUE;
            }
            expired = calls.expire(now - WAIT_NANOS_MAX);
            left = calls.waiting() == 0 ? Long.MAX_VALUE : calls.oldest(now) + WAIT_NANOS_MAX - now;
            freeIfDone();
        }
        for (PendingCall call : expired) {
            CodeFailure why = report.waited(call.function(), WAIT_MILLIS_MAX);
            finishBusy(call, call.sinceNanos(), why);
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
        if (!closed || makes == null || calls.running() > 0 || calls.waiting() > 0) {
            return;
        }
        idle.forEach(Guest::free);
        idle.clear();
        makes.free();
        factory = null;
        report.close();
        runners.forget(this);
    }

    private String nameOf(PendingCall call) {
        return functions.get(call.function()).name();
    }
}
