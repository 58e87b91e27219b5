package io.mimicore.compiler.worker;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/// `mimicore_build_total{outcome}`, `mimicore_build_seconds`, and what a worker is at. Thread-safe.
final class BuildMetrics {
    private final Map<Outcome, Counter> builds = new EnumMap<>(Outcome.class);
    private final MeterRegistry registry;
    private final Timer seconds;

    BuildMetrics(MeterRegistry registry) {
        this.registry = registry;
        for (Outcome outcome : Outcome.values()) {
            builds.put(
                    outcome,
                    Counter.builder("mimicore.build.total")
                            .description("Builds of user code by how they ended")
                            .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                            .register(registry));
        }
        seconds =
                Timer.builder("mimicore.build.seconds")
                        .description("How long builds of user code took")
                        .publishPercentileHistogram()
                        .minimumExpectedValue(Duration.ofMillis(100))
                        .maximumExpectedValue(Duration.ofMinutes(2))
                        .register(registry);
    }

    /// Shows what goes on at present.
    void show(Collection<?> running, PublishGate gate) {
        Gauge.builder("mimicore.worker.builds", running, Collection::size)
                .description("Builds that this worker is at")
                .register(registry);
        Gauge.builder("mimicore.artifacts.unstorable", gate, it -> it.isClosed() ? 1 : 0)
                .description("1 while this worker cannot store artifacts and builds wait")
                .register(registry);
    }

    void record(Outcome outcome, Duration took) {
        Counter counter = builds.get(outcome);
        if (counter != null) {
            counter.increment();
        }
        seconds.record(took);
    }

    /// How a build ended.
    enum Outcome {
        /// Built and published.
        DONE,
        /// The program is wrong.
        FAILED,
        /// To be tried again: this machine failed, or nobody knows whose fault it was.
        RETRIED,
        /// Built, but the artifact store did not take it: to be tried again.
        UNPUBLISHED,
        /// Its result came after the key had been given to somebody else.
        DROPPED,
        /// Dropped, and not the artifact that another worker made of the same program: an alarm.
        DIFFERENT
    }
}
