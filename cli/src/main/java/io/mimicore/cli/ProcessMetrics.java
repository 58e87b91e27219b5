package io.mimicore.cli;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.lang.Runtime.Version;

/// What every role's process tells of itself: its build, and the JVM's heap, collector, threads,
/// classes, code cache and direct memory.
final class ProcessMetrics implements AutoCloseable {
    private final JvmGcMetrics collector = new JvmGcMetrics();

    private ProcessMetrics() {}

    static ProcessMetrics bind(MeterRegistry registry) {
        var metrics = new ProcessMetrics();
        Version java = Runtime.version();
        // Not `mimicore_build_info`: Prometheus clients cut `_info` and `_total` off, and what is
        // left is the name of the counter of builds, which then is not registered.
        Gauge.builder("mimicore_version", () -> 1)
                .description("1; its labels say which build runs on which Java.")
                .tag("version", Main.BuiltVersion.version())
                .tag("java", Integer.toString(java.feature()))
                .register(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ClassLoaderMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        metrics.collector.bindTo(registry);
        return metrics;
    }

    @Override
    public void close() {
        collector.close();
    }
}
