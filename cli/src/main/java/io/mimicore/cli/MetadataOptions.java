package io.mimicore.cli;

import io.grpc.ChannelCredentials;
import io.micrometer.core.instrument.MeterRegistry;
import io.mimicore.controlplane.store.embedded.EmbeddedMetadataStore;
import io.mimicore.controlplane.store.etcd.EtcdChannels;
import io.mimicore.controlplane.store.etcd.EtcdMetadataStore;
import io.mimicore.store.MetadataStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Where metadata is kept.
final class MetadataOptions {
    private static final String PLAIN = "http://";
    private static final String WITH_TLS = "https://";

    @Option(
            names = "--etcd",
            paramLabel = "HOST:PORT,…",
            defaultValue = "${env:MIMICORE_ETCD}",
            description = {
                "Members of an etcd cluster, 3.6 or newer, that keeps the metadata instead of a"
                        + " file in",
                "--state. With TLS if they begin with https:// or a --tls- flag is given",
                "(environment: MIMICORE_ETCD; default: none)."
            })
    private @Nullable String etcd;

    @Mixin private TlsOptions tls;

    /// Whether it is kept by other processes, which may be down when this one starts.
    boolean isElsewhere() {
        return etcd != null && !etcd.isBlank();
    }

    /// Opens the store; etcd is not asked for anything yet.
    ///
    /// @param file of the embedded store
    /// @throws CommandFailure if the flags contradict each other
    MetadataStore open(Path file, MeterRegistry registry) {
        if (etcd == null || !isElsewhere()) {
            if (tls.isGiven()) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "--tls-cert, --tls-key, --tls-ca: for connections to etcd (expected: --etcd"
                                + " as well)");
            }
            return EmbeddedMetadataStore.open(file);
        }
        List<String> endpoints = new ArrayList<>();
        int secured = 0;
        for (String member : etcd.split(",", -1)) {
            secured += member.strip().startsWith(WITH_TLS) ? 1 : 0;
            endpoints.add(endpoint(member.strip()));
        }
        ChannelCredentials credentials = credentials(secured, endpoints.size());
        return EtcdMetadataStore.builder(
                        endpoints,
                        endpoint ->
                                GrpcTransport.channel(
                                        endpoint, credentials, EtcdChannels.INBOUND_BYTES_MAX))
                .meters(registry)
                .open();
    }

    private ChannelCredentials credentials(int secured, int members) {
        if (secured != 0 && secured != members) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--etcd " + etcd + ": with and without TLS (expected: one of both)");
        }
        if (tls.isGiven() && String.valueOf(etcd).contains(PLAIN)) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--etcd "
                            + etcd
                            + ": without TLS, but a --tls- flag is given (expected: https://)");
        }
        return secured != 0 || tls.isGiven() ? tls.credentials() : TlsOptions.plaintext();
    }

    private String endpoint(String member) {
        String endpoint = member;
        for (String scheme : List.of(PLAIN, WITH_TLS)) {
            endpoint = endpoint.startsWith(scheme) ? endpoint.substring(scheme.length()) : endpoint;
        }
        if (!endpoint.matches("(\\[[0-9a-fA-F:.]+]|[^:/\\s]+):[0-9]{1,5}")) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--etcd " + etcd + ": " + member + " (expected: host:port)");
        }
        return endpoint;
    }
}
