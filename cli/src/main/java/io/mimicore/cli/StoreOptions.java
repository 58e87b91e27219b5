package io.mimicore.cli;

import io.micrometer.core.instrument.MeterRegistry;
import io.mimicore.store.MetadataStore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;

/// Where metadata and artifacts are kept.
final class StoreOptions {
    @Mixin private MetadataOptions metadata;
    @Mixin private ArtifactOptions artifacts;

    String cluster() {
        return metadata.keys().cluster();
    }

    MetadataOptions metadata() {
        return metadata;
    }

    /// Opens both; what is in other processes is not asked for anything yet.
    ///
    /// @param state what a process of its own keeps them in; absent: they are shared with other
    ///   processes
    /// @throws CommandFailure if the flags contradict each other or something is missing
    Stores open(@Nullable StateDirectory state, Parts parts, MeterRegistry registry) {
        MetadataStore opened =
                state == null
                        ? metadata.openEtcd(registry)
                        : metadata.open(state.metadata(), registry);
        parts.keep(opened);
        return new Stores(
                opened,
                metadata.keys(),
                parts.keep(artifacts.open(cluster(), state == null ? null : state.artifacts())));
    }
}
