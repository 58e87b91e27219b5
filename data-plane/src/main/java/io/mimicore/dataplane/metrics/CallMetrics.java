package io.mimicore.dataplane.metrics;

import static java.util.Objects.requireNonNull;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// What is counted for the calls of one name in one API. Thread-safe.
public final class CallMetrics {
    private final String api;
    private final String call;
    private final Map<CallOutcome, LongAdder> outcomes = new EnumMap<>(CallOutcome.class);
    private final AtomicReference<RouteMetrics.@Nullable Durations> durations =
            new AtomicReference<>();

    CallMetrics(String api, String call) {
        this.api = api;
        this.call = call;
        for (CallOutcome outcome : CallOutcome.values()) {
            outcomes.put(outcome, new LongAdder());
        }
    }

    /// Counts one call.
    ///
    /// @param nanos from its start to its end
    public void count(CallOutcome outcome, long nanos) {
        counter(outcome).increment();
        RouteMetrics.Durations known = durations.get();
        if (known == null) {
            RouteMetrics.Durations made = new RouteMetrics.Durations();
            RouteMetrics.Durations before = durations.compareAndExchange(null, made);
            known = before == null ? made : before;
        }
        known.record(nanos);
    }

    /// How many calls ended so.
    public long count(CallOutcome outcome) {
        return counter(outcome).sum();
    }

    private LongAdder counter(CallOutcome outcome) {
        return requireNonNull(outcomes.get(outcome), "counter");
    }

    String api() {
        return api;
    }

    /// The `call` label.
    public String call() {
        return call;
    }

    RouteMetrics.@Nullable Durations recordedDurations() {
        return durations.get();
    }
}
