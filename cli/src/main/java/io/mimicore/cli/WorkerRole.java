package io.mimicore.cli;

import io.micrometer.core.instrument.MeterRegistry;
import io.mimicore.compiler.toolchain.FoundToolchains;
import io.mimicore.compiler.worker.CompilerWorker;
import io.mimicore.signing.ClusterKey;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running compiler worker.
final class WorkerRole implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WorkerRole.class);

    private final CompilerWorker worker;
    private final String offers;

    private WorkerRole(CompilerWorker worker, String offers) {
        this.worker = worker;
        this.offers = offers;
    }

    /// What a worker is.
    ///
    /// @param id its name in the cluster
    /// @param concurrency builds at the same time; 0: as many as fit the machine
    /// @param caches where compilers keep what they need again
    record Place(String id, int concurrency, Path caches) {}

    /// Finds the machine's toolchains and begins to build; both stores must answer.
    ///
    /// @throws CommandFailure with what to do; nothing is left running
    static WorkerRole start(Place place, Stores stores, ClusterKey key, MeterRegistry registry)
            throws InterruptedException {
        FoundToolchains toolchains = Toolchains.find(place.caches());
        toolchains.missing().forEach((name, what) -> log.info("{}: {}", name, what));
        CompilerWorker.Builder builder =
                CompilerWorker.builder(stores.metadata(), stores.keys(), stores.artifacts())
                        .id(place.id())
                        .signer(key)
                        .toolchains(toolchains.toolchains())
                        .meters(registry);
        if (place.concurrency() > 0) {
            builder.concurrency(place.concurrency());
        }
        CompilerWorker worker = builder.build();
        boolean started = false;
        try {
            worker.start();
            started = true;
        } finally {
            if (!started) {
                worker.close();
            }
        }
        return new WorkerRole(
                worker,
                String.join(
                        ",",
                        toolchains.toolchains().stream()
                                .map(toolchain -> toolchain.name())
                                .sorted()
                                .toList()));
    }

    /// Names of the toolchains that it has, with commas.
    String offers() {
        return offers;
    }

    @Override
    public void close() {
        worker.close();
    }
}
