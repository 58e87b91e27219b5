package io.mimicore.cli;

import io.mimicore.dataplane.spans.SpanExport;
import io.mimicore.dataplane.spans.SpanSettings;
import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Whether and where spans go.
final class SpanOptions {
    @Option(
            names = "--otlp-endpoint",
            paramLabel = "URL",
            defaultValue = "${env:MIMICORE_OTLP_ENDPOINT}",
            description = {
                "An OpenTelemetry collector that takes OTLP over HTTP, as http://127.0.0.1:4318:"
                        + " spans of",
                "requests and of calls to upstreams go there (environment: MIMICORE_OTLP_ENDPOINT;",
                "default: none)."
            })
    private @Nullable String endpoint;

    @Option(
            names = "--otlp-sample",
            paramLabel = "RATE",
            defaultValue = "${env:MIMICORE_OTLP_SAMPLE:-1}",
            description = {
                "The share of traces begun here that is sent, 0..1; traces that a client has begun"
                        + " are",
                "sent if its traceparent says so (environment: MIMICORE_OTLP_SAMPLE; default: 1)."
            })
    private double sample;

    /// Starts to send spans; `null`: it is off.
    @Nullable SpanExport start(String cluster, String nodeId) {
        if (endpoint == null || endpoint.isBlank()) {
            return null;
        }
        try {
            return SpanExport.start(
                    new SpanSettings(
                            new URI(endpoint),
                            sample,
                            cluster,
                            nodeId,
                            Main.BuiltVersion.version()));
        } catch (IllegalArgumentException | URISyntaxException e) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--otlp-endpoint, --otlp-sample: " + e.getMessage(), e);
        }
    }
}
