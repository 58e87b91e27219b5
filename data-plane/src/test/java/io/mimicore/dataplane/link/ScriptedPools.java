package io.mimicore.dataplane.link;

import io.mimicore.artifact.Artifact;
import io.mimicore.dataplane.code.CodeFailure;
import io.mimicore.dataplane.code.CodePool;
import io.mimicore.dataplane.code.CodePoolFactory;
import io.mimicore.dataplane.value.Value;
import io.mimicore.ir.UserCode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Makes pools whose calls wait until the test answers them.
public final class ScriptedPools implements CodePoolFactory {
    private final List<Pool> pools = new CopyOnWriteArrayList<>();
    private @Nullable String failure;

    /// Lets every preparation fail from now on.
    public ScriptedPools failing(String message) {
        failure = message;
        return this;
    }

    public List<Pool> pools() {
        return pools;
    }

    /// The pool made last.
    public Pool last() {
        return pools.getLast();
    }

    @Override
    public CodePool prepare(String api, UserCode code, Artifact artifact) throws PrepareException {
        if (failure != null) {
            throw new PrepareException(failure);
        }
        var pool = new Pool();
        pools.add(pool);
        return pool;
    }

    /// A pool that keeps the calls made. Thread-safe as far as `call` and `close` go.
    public static final class Pool implements CodePool {
        private final List<Call> calls = new ArrayList<>();
        private final AtomicInteger closes = new AtomicInteger();
        private final AtomicInteger callsAfterClose = new AtomicInteger();

        @Override
        public synchronized void call(int function, List<Value> arguments, Completion completion) {
            if (closes.get() > 0) {
                callsAfterClose.incrementAndGet();
            }
            calls.add(new Call(function, arguments, completion));
        }

        @Override
        public void close() {
            closes.incrementAndGet();
        }

        public synchronized List<Call> calls() {
            return List.copyOf(calls);
        }

        public int closes() {
            return closes.get();
        }

        public int callsAfterClose() {
            return callsAfterClose.get();
        }
    }

    /// A call that has been made.
    public record Call(int function, List<Value> arguments, CodePool.Completion completion) {
        public void complete(Value result) {
            completion.completed(result);
        }

        public void fail(CodeFailure.Kind kind, String message) {
            completion.failed(new CodeFailure(kind, "f" + function, message));
        }
    }
}
