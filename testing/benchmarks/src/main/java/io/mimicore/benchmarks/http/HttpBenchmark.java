package io.mimicore.benchmarks.http;

import io.mimicore.testkit.process.RawResponse;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// Compares the packaged program with a hand-written Netty server and with nginx, under `wrk`.
///
/// Run by `./dev bench http [ROUNDS [SECONDS]]`. Linux only: processor time comes from `/proc`.
/// Every figure is a median over rounds in which the servers took turns; compare the ratios of one
/// run, never figures of two.
public final class HttpBenchmark {
    private static final int ROUNDS = 4;
    private static final int SECONDS = 5;
    private static final int WARM_SECONDS = 12;
    private static final int CONNECTIONS = 64;
    private static final int PIPELINE_DEPTH = 16;

    /// What the servers answer with.
    static final String BODY =
            "{\"id\":42,\"name\":\"Ada Lovelace\",\"roles\":[\"admin\",\"author\"],\"active\":true,"
                    + "\"score\":17.25,\"team\":\"north\"}";

    private final PrintStream out = System.out;
    private final int rounds;
    private final int seconds;

    private HttpBenchmark(int rounds, int seconds) {
        this.rounds = rounds;
        this.seconds = seconds;
    }

    /// @param arguments rounds, at least 1; seconds a sample, at least 1; both may be left out
    public static void main(String[] arguments) throws IOException {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : ROUNDS;
        int seconds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : SECONDS;
        Path directory = Files.createTempDirectory("http-benchmark");
        try (var servers = new Servers(directory)) {
            new HttpBenchmark(rounds, seconds).run(servers);
        } finally {
            delete(directory);
        }
    }

    private void run(Servers servers) {
        Contender few = servers.mimicore("mimicore-10", config(10), path(5));
        Contender many = servers.mimicore("mimicore-10000", config(10_000), path(5_000));
        Contender bare = servers.bare(path(5), BODY);
        Contender nginx = servers.nginx(BODY);
        List<Contender> all = List.of(few, many, bare, nginx);
        all.forEach(HttpBenchmark::check);

        var one = new Rounds(new Wrk(CONNECTIONS, 1), rounds, seconds, out);
        one.warm(List.of(few, many, bare), WARM_SECONDS);
        var report = new Report(one.run(all), bare, seconds);
        report.print("Static JSON, " + CONNECTIONS + " connections", out);
        allocations(few);

        var deep = new Rounds(new Wrk(CONNECTIONS, PIPELINE_DEPTH), rounds, seconds, out);
        deep.warm(List.of(few, bare), WARM_SECONDS / 4);
        var piped = new Report(deep.run(List.of(few, bare, nginx)), bare, seconds);
        piped.print("Static JSON, pipelined " + PIPELINE_DEPTH + " deep", out);

        List<String> failures =
                Stream.concat(report.failures().stream(), piped.failures().stream()).toList();
        if (!failures.isEmpty()) {
            throw new IllegalStateException(failures + " (expected: every request answered)");
        }
    }

    private void allocations(Contender contender) {
        try (var allocation = Allocation.attach(contender.process().pid(), "traffic-")) {
            var load = new Wrk(CONNECTIONS, 1);
            load.run(contender.target(), contender.host(), 1);
            long before = allocation.bytes();
            Wrk.Result result = load.run(contender.target(), contender.host(), seconds);
            long bytes = allocation.bytes() - before;
            out.printf(
                    Locale.ROOT,
                    "%nAllocated by the event loops: %d bytes in %d requests of %d new connections:"
                            + " %.3f bytes a request%n",
                    bytes,
                    result.requests(),
                    CONNECTIONS,
                    (double) bytes / result.requests());
        }
    }

    private static String config(int routes) {
        var text = new StringBuilder("{\"api\":\"bench\",\"version\":\"v2\",\"routes\":[");
        for (int i = 0; i < routes; i++) {
            text.append(i == 0 ? "" : ",")
                    .append("{\"method\":\"GET\",\"path\":\"")
                    .append(path(i))
                    .append("\",\"response\":{\"body\":")
                    .append(BODY)
                    .append("}}");
        }
        return text.append("]}").toString();
    }

    private static String path(int route) {
        return "/api/v1/users/" + route + "/orders";
    }

    /// Fails unless the server answers what it should.
    private static void check(Contender contender) {
        RawResponse answer = contender.ask(contender.target().getPath());
        if (answer.status() != 200 || !answer.body().equals(BODY)) {
            throw new IllegalStateException(
                    contender.name() + ": " + answer + " (expected: 200 " + BODY + ")");
        }
    }

    /// Removes a directory and all that is in it.
    static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
