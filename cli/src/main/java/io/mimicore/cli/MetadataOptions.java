package io.mimicore.cli;

import io.grpc.ChannelCredentials;
import io.micrometer.core.instrument.MeterRegistry;
import io.mimicore.controlplane.store.embedded.EmbeddedMetadataStore;
import io.mimicore.controlplane.store.etcd.EtcdChannels;
import io.mimicore.controlplane.store.etcd.EtcdMetadataStore;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreKeys;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Where metadata is kept, and under which cluster's name.
final class MetadataOptions {
    @Option(
            names = "--cluster",
            paramLabel = "NAME",
            defaultValue = "${env:MIMICORE_CLUSTER:-default}",
            description = "Name of the cluster (environment: MIMICORE_CLUSTER; default: default).")
    private String cluster;

    @Option(
            names = "--etcd",
            paramLabel = "HOST:PORT,…",
            defaultValue = "${env:MIMICORE_ETCD}",
            description = {
                "Members of the etcd cluster, 3.6 or newer, that keeps the metadata (in `up`:"
                        + " instead of",
                "a file in --state). With TLS if they begin with https://, or with no scheme and a",
                "--tls- flag is given (environment: MIMICORE_ETCD; default: none)."
            })
    private @Nullable String etcd;

    @Mixin private TlsOptions tls;

    /// Whether it is kept by other processes, which may be down when this one starts.
    boolean isElsewhere() {
        return etcd != null && !etcd.isBlank();
    }

    /// What this process proves itself with.
    TlsOptions tls() {
        return tls;
    }

    /// The cluster's part of the store.
    ///
    /// @throws CommandFailure if it cannot be a cluster's name
    StoreKeys keys() {
        try {
            return new StoreKeys(cluster);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCode.USAGE, "--cluster: " + e.getMessage(), e);
        }
    }

    /// Refuses to go on without an etcd, or with flags that contradict each other.
    void requireEtcd() {
        if (!isElsewhere()) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--etcd: missing (expected: the members of the etcd that the cluster's control"
                            + " planes and workers share, host:port,…)");
        }
        endpoints();
    }

    /// Refuses `--tls-` flags that nothing would use, in a role that speaks TLS with etcd only.
    void requireTlsForEtcd() {
        if (isElsewhere()) {
            endpoints().requireTlsUsed(tls);
        } else if (tls.isGiven()) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--tls-cert, --tls-key, --tls-ca: for connections to etcd (expected: --etcd as"
                            + " well)");
        }
    }

    /// Opens etcd, which is not asked for anything yet.
    ///
    /// @throws CommandFailure if the flags contradict each other
    MetadataStore openEtcd(MeterRegistry registry) {
        Endpoints members = endpoints();
        ChannelCredentials credentials = members.credentials(tls);
        return EtcdMetadataStore.builder(
                        members.addresses(),
                        endpoint ->
                                GrpcTransport.channel(
                                        endpoint, credentials, EtcdChannels.INBOUND_BYTES_MAX))
                .meters(registry)
                .open();
    }

    /// Opens etcd if it is given, else the embedded store.
    ///
    /// @param file of the embedded store
    MetadataStore open(Path file, MeterRegistry registry) {
        return isElsewhere() ? openEtcd(registry) : EmbeddedMetadataStore.open(file);
    }

    private Endpoints endpoints() {
        return Endpoints.parse("--etcd", String.valueOf(etcd));
    }
}
