package io.mimicore.system;

import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import java.util.List;
import java.util.stream.Stream;

/// A node's metrics at one moment.
final class Metrics {
    private final String text;

    private Metrics(String text) {
        this.text = text;
    }

    /// Asks the program.
    static Metrics of(MimicoreProcess program) {
        try (RawConnection connection = RawConnection.open(program.metrics())) {
            return new Metrics(connection.send(RawRequest.get("localhost", "/metrics")).body());
        }
    }

    /// Calls to upstreams of an API that ended so; requests passed on count as the call `proxy`.
    long calls(String api, String outcome) {
        return Math.round(
                sum(
                        "mimicore_upstream_requests_total",
                        List.of(label("api", api), label("outcome", outcome))));
    }

    /// Requests to an API that were answered so.
    long requests(String api, int status) {
        return Math.round(
                sum(
                        "mimicore_http_requests_total",
                        List.of(label("api", api), label("status", Integer.toString(status)))));
    }

    /// The sum of all samples of a metric that have these labels, each as `name="value"`.
    double sum(String metric, List<String> labels) {
        try (Stream<String> lines = text.lines()) {
            return lines.filter(line ->
                            line.startsWith(metric)
                                    && (line.charAt(metric.length()) == '{'
                                            || line.charAt(metric.length()) == ' '))
                    .filter(line -> labels.stream().allMatch(line::contains))
                    .mapToDouble(
                            line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        }
    }

    private static String label(String name, String value) {
        return name + "=\"" + value + "\"";
    }
}
