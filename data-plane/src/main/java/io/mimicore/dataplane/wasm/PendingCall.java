package io.mimicore.dataplane.wasm;

import io.mimicore.dataplane.code.CodePool;
import io.mimicore.dataplane.value.Value;
import java.util.List;

/// One call on its way through a pool. What changes is under the pool's lock.
final class PendingCall {
    private final WasmCodePool pool;
    private final int function;
    private final List<Value> arguments;
    private final CodePool.Completion completion;
    private final long sinceNanos;

    /// Whether it runs, and counts as slow while it does.
    boolean isSlowRun;

    boolean isRunning;

    /// @param function index into the API's functions
    /// @param sinceNanos when it came, in nanoseconds of the runners' clock
    PendingCall(
            WasmCodePool pool,
            int function,
            List<Value> arguments,
            CodePool.Completion completion,
            long sinceNanos) {
        this.pool = pool;
        this.function = function;
        this.arguments = arguments;
        this.completion = completion;
        this.sinceNanos = sinceNanos;
    }

    int function() {
        return function;
    }

    List<Value> arguments() {
        return arguments;
    }

    CodePool.Completion completion() {
        return completion;
    }

    long sinceNanos() {
        return sinceNanos;
    }

    /// It runs for longer than [Runners#SHORT_NANOS_MAX].
    void becomesLong() {
        pool.becomesLong(this);
    }
}
