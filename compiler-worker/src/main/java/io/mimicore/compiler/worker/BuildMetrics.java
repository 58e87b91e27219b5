package io.mimicore.compiler.worker;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/// `mimicore_build_total{outcome}` and `mimicore_build_seconds`. Thread-safe.
final class BuildMetrics {
    private final Map<Outcome, Counter> builds = new EnumMap<>(Outcome.class);
    private final Timer seconds;

    BuildMetrics(MeterRegistry registry) {
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
        /// Its result came after the key had been given to somebody else.
        DROPPED,
        /// Dropped, and not the artifact that another worker made of the same program: an alarm.
        DIFFERENT
    }
}
