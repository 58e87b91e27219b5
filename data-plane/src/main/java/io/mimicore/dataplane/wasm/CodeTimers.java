package io.mimicore.dataplane.wasm;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.mimicore.dataplane.code.CodeFailure;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// The timers `mimicore_wasm_execution_seconds{api,function,outcome}` of the functions that some
/// pool has. An edit's pool takes over those of the pool before it; they leave the registry with
/// the last pool of their function, so names that come and go leave nothing behind. Thread-safe.
final class CodeTimers {
    private static final String TIMER = "mimicore_wasm_execution_seconds";

    private static final Duration[] BUCKETS = {
        Duration.ofNanos(50_000),
        Duration.ofNanos(200_000),
        Duration.ofMillis(1),
        Duration.ofMillis(5),
        Duration.ofMillis(20),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(2),
        Duration.ofSeconds(10)
    };

    private final MeterRegistry registry;
    private final Map<Name, OfFunction> held = new HashMap<>();
    private final LongAdder failures = new LongAdder();

    CodeTimers(MeterRegistry registry) {
        this.registry = registry;
    }

    /// The timers of a function, for a pool that calls [#release] when it is closed.
    synchronized OfFunction acquire(String api, String function) {
        OfFunction timers = held.computeIfAbsent(new Name(api, function), OfFunction::new);
        timers.holders++;
        return timers;
    }

    /// Ends what [#acquire] began.
    synchronized void release(OfFunction timers) {
        timers.holders--;
        if (timers.holders == 0) {
            held.remove(timers.name);
            timers.remove();
        }
    }

    /// Calls so far that failed by fault of the code, those of functions that are gone included:
    /// not those whose argument was wrong or that found no room.
    long failures() {
        return failures.sum();
    }

    private record Name(String api, String function) {}

    /// The timers of one function. Those of failures come when the first one does.
    final class OfFunction {
        private final Name name;
        private final Timer ok;
        private final Map<CodeFailure.Kind, Timer> failed = new EnumMap<>(CodeFailure.Kind.class);
        // Guarded by CodeTimers.this, as is what the registry holds.
        private int holders;

        private OfFunction(Name name) {
            this.name = name;
            this.ok = timer("ok");
        }

        /// Counts a call.
        ///
        /// @param failure absent if it returned
        void record(CodeFailure.@Nullable Kind failure, long nanos) {
            if (failure == null) {
                ok.record(nanos, TimeUnit.NANOSECONDS);
                return;
            }
            if (failure != CodeFailure.Kind.ARGUMENT && failure != CodeFailure.Kind.BUSY) {
                failures.increment();
            }
            Timer timer = failedTimer(failure);
            if (timer != null) {
                timer.record(nanos, TimeUnit.NANOSECONDS);
            }
        }

        /// Absent: the last pool was closed, and a new timer would stay for ever.
        private @Nullable Timer failedTimer(CodeFailure.Kind kind) {
            synchronized (CodeTimers.this) {
                return holders == 0
                        ? null
                        : failed.computeIfAbsent(
                                kind, failure -> timer(failure.name().toLowerCase(Locale.ROOT)));
            }
        }

        private void remove() {
            registry.remove(ok);
            failed.values().forEach(registry::remove);
        }

        private Timer timer(String outcome) {
            return Timer.builder(TIMER)
                    .description("Seconds that calls of user code ran, or waited if they did not.")
                    .tags("api", name.api(), "function", name.function(), "outcome", outcome)
                    .serviceLevelObjectives(BUCKETS)
                    .register(registry);
        }
    }
}
