package io.mimicore.controlplane.retention;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/// Counts what is removed. Thread-safe.
public final class RetentionMetrics {
    private final Counter versions;
    private final Counter objects;
    private final Counter builds;
    private final Counter artifacts;
    private final Counter uploads;
    private final Counter artifactBytes;
    private final Counter failures;
    private final Timer passes;

    /// @param registry where metrics go
    public RetentionMetrics(MeterRegistry registry) {
        versions = removed(registry, "version");
        objects = removed(registry, "object");
        builds = removed(registry, "build");
        artifacts = removed(registry, "artifact");
        uploads = removed(registry, "upload");
        artifactBytes =
                Counter.builder("mimicore_garbage_artifact_bytes")
                        .description("Bytes of the artifacts that were removed")
                        .register(registry);
        failures =
                Counter.builder("mimicore_garbage_failures")
                        .description("Passes that a store's failure ended early")
                        .register(registry);
        passes =
                Timer.builder("mimicore_garbage_pass_seconds")
                        .description("Time that a look for what is out of use takes")
                        .register(registry);
    }

    void passed(Removed removed, Duration took) {
        versions.increment(removed.versions());
        objects.increment(removed.objects());
        builds.increment(removed.builds());
        artifacts.increment(removed.artifacts());
        artifactBytes.increment((double) removed.artifactBytes());
        passes.record(took);
    }

    void uploadsGivenUp(int count) {
        uploads.increment(count);
    }

    void failed() {
        failures.increment();
    }

    private static Counter removed(MeterRegistry registry, String kind) {
        return Counter.builder("mimicore_garbage_removed")
                .tag("kind", kind)
                .description("What nothing referred to and was removed from the stores")
                .register(registry);
    }
}
