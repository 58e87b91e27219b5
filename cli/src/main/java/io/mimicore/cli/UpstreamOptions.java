package io.mimicore.cli;

import io.mimicore.dataplane.node.DataPlaneNode;
import io.mimicore.dataplane.upstream.UpstreamTrust;
import io.mimicore.dataplane.upstream.proxy.TrustedProxies;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Whom a node believes: upstreams by their certificates, and proxies in front of it.
final class UpstreamOptions {
    @Option(
            names = "--upstream-ca",
            paramLabel = "FILE",
            defaultValue = "${env:MIMICORE_UPSTREAM_CA}",
            description = {
                "Certificates (PEM) that vouch for TLS upstreams besides those of the system",
                "(environment: MIMICORE_UPSTREAM_CA; default: none)."
            })
    private @Nullable String upstreamCa;

    @Option(
            names = "--trusted-proxies",
            paramLabel = "CIDR,…",
            split = ",",
            defaultValue = "${env:MIMICORE_TRUSTED_PROXIES}",
            description = {
                "Networks of the proxies in front, whose X-Forwarded-… and Forwarded are passed on",
                "to targets of mode proxy (environment: MIMICORE_TRUSTED_PROXIES; default: none)."
            })
    private @Nullable List<String> trustedProxies;

    /// Tells a node.
    void describe(DataPlaneNode.Builder node) {
        if (upstreamCa != null && !upstreamCa.isBlank()) {
            try {
                node.upstreamTrust(UpstreamTrust.with(Path.of(upstreamCa)));
            } catch (IOException e) {
                throw new CommandFailure(
                        ExitCode.REFUSED,
                        "--upstream-ca " + upstreamCa + " cannot be read: " + e.getMessage(),
                        e);
            }
        }
        if (trustedProxies != null) {
            try {
                node.trustedProxies(
                        TrustedProxies.of(
                                trustedProxies.stream().filter(it -> !it.isBlank()).toList()));
            } catch (IllegalArgumentException e) {
                throw new CommandFailure(ExitCode.USAGE, "--trusted-proxies: " + e.getMessage(), e);
            }
        }
    }
}
