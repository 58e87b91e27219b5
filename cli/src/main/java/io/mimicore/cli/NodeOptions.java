package io.mimicore.cli;

import io.mimicore.dataplane.node.StopPolicy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// How a node serves, and who it is.
final class NodeOptions {
    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "${env:MIMICORE_PORT:-8080}",
            description =
                    "Traffic (environment: MIMICORE_PORT; default: 8080). 0 takes a free port.")
    private int port;

    @Option(
            names = "--metrics-port",
            paramLabel = "PORT",
            defaultValue = "${env:MIMICORE_METRICS_PORT:-9090}",
            description =
                    "/metrics, /livez and /readyz (environment: MIMICORE_METRICS_PORT; default:"
                            + " 9090).")
    private int metricsPort;

    @Option(
            names = "--node-id",
            paramLabel = "ID",
            defaultValue = "${env:MIMICORE_NODE_ID}",
            description = {
                "Name of the node, which no other node of the cluster has (environment:",
                "MIMICORE_NODE_ID; default: the machine's name; in `up`: local)."
            })
    private @Nullable String nodeId;

    @Option(
            names = "--label",
            paramLabel = "K=V",
            split = ",",
            defaultValue = "${env:MIMICORE_LABEL}",
            description = {
                "What rollouts choose nodes by; may be given several times (environment:",
                "MIMICORE_LABEL, separated by commas)."
            })
    private @Nullable List<String> labels;

    @Mixin private StopOptions stop;
    @Mixin private AccessLogOptions accessLog;
    @Mixin private SpanOptions spans;
    @Mixin private UpstreamOptions upstreams;

    int port() {
        return port;
    }

    int metricsPort() {
        return metricsPort;
    }

    /// Its name, or `fallback` if none was given.
    String nodeId(String fallback) {
        return nodeId == null || nodeId.isBlank() ? fallback : nodeId;
    }

    /// Its labels.
    ///
    /// @throws CommandFailure if one is none, or is given twice
    Map<String, String> labels() {
        Map<String, String> byName = new LinkedHashMap<>();
        for (String label : labels == null ? List.<String>of() : labels) {
            int equals = label.indexOf('=');
            if (label.isBlank()) {
                continue;
            }
            if (equals < 1
                    || byName.put(label.substring(0, equals), label.substring(equals + 1))
                            != null) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "--label " + label + ": (expected: NAME=VALUE, each name once)");
            }
        }
        return byName;
    }

    StopPolicy stop() {
        return stop.policy();
    }

    AccessLogOptions accessLog() {
        return accessLog;
    }

    SpanOptions spans() {
        return spans;
    }

    UpstreamOptions upstreams() {
        return upstreams;
    }
}
