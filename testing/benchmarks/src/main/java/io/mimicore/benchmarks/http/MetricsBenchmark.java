package io.mimicore.benchmarks.http;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Compares the packaged program with itself without counting requests: what its metrics cost.
///
/// Run by `./dev bench metrics [ROUNDS [SECONDS]]`. Linux only. As in [HttpBenchmark], compare the
/// ratios of one run. The route is static, the cheapest there is, so no other has a higher ratio.
public final class MetricsBenchmark {
    private static final int ROUNDS = 8;
    private static final int SECONDS = 5;
    private static final int WARM_SECONDS = 12;
    private static final int CONNECTIONS = 64;
    private static final int PIPELINE_DEPTH = 16;
    private static final String PATH = "/static";
    private static final String CONFIG =
            "{\"api\":\"bench\",\"version\":\"v2\",\"routes\":[{\"method\":\"GET\",\"path\":\""
                    + PATH
                    + "\",\"response\":{\"body\":{\"id\":42,\"name\":\"Ada Lovelace\"}}}]}";

    private final PrintStream out = System.out;
    private final int rounds;
    private final int seconds;

    private MetricsBenchmark(int rounds, int seconds) {
        this.rounds = rounds;
        this.seconds = seconds;
    }

    /// @param arguments rounds, at least 1; seconds a sample, at least 1; both may be left out
    public static void main(String[] arguments) throws IOException {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : ROUNDS;
        int seconds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : SECONDS;
        Path directory = Files.createTempDirectory("metrics-benchmark");
        try (var servers = new Servers(directory)) {
            new MetricsBenchmark(rounds, seconds).run(servers);
        } finally {
            HttpBenchmark.delete(directory);
        }
    }

    private void run(Servers servers) {
        Contender counted = servers.mimicore("metrics on", CONFIG, PATH);
        Contender uncounted = servers.mimicoreUncounted("metrics off", CONFIG, PATH);
        Report one = measure(List.of(counted, uncounted), 1);
        one.print("Static JSON, " + CONNECTIONS + " connections", out);
        Report deep = measure(List.of(counted, uncounted), PIPELINE_DEPTH);
        deep.print("Static JSON, pipelined " + PIPELINE_DEPTH + " deep", out);
        List<String> failures =
                Stream.concat(one.failures().stream(), deep.failures().stream()).toList();
        if (!failures.isEmpty()) {
            throw new IllegalStateException(failures + " (expected: every request answered)");
        }
    }

    private Report measure(List<Contender> contenders, int depth) {
        var load = new Rounds(new Wrk(CONNECTIONS, depth), rounds, seconds, out);
        load.warm(contenders, WARM_SECONDS);
        return new Report(load.run(contenders), contenders.getLast(), seconds);
    }
}
