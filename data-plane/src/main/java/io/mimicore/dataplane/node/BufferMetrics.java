package io.mimicore.dataplane.node;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.mimicore.dataplane.transport.BufferMemory;
import java.util.List;

/// `mimicore_direct_memory_bytes` and `mimicore_direct_memory_limit_bytes`. Thread-safe.
final class BufferMetrics implements AutoCloseable {
    private final MeterRegistry registry;
    private final List<Meter> meters;

    BufferMetrics(MeterRegistry registry, BufferMemory memory) {
        this.registry = registry;
        this.meters =
                List.of(
                        Gauge.builder(
                                        "mimicore_direct_memory_bytes",
                                        memory,
                                        BufferMemory::directBytes)
                                .description("Memory off the heap that connections have.")
                                .strongReference(true)
                                .register(registry),
                        Gauge.builder(
                                        "mimicore_direct_memory_limit_bytes",
                                        memory,
                                        BufferMemory::directBytesMax)
                                .description("Memory off the heap that connections may have.")
                                .strongReference(true)
                                .register(registry));
    }

    @Override
    public void close() {
        meters.forEach(registry::remove);
    }
}
