package io.mimicore.benchmarks.http;

import io.mimicore.testkit.process.RawResponse;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// Compares passing requests on with nginx, one loop against one worker, with the same upstream
/// behind both and connections kept alive on both sides; and a route that makes one call of that
/// upstream with passing on.
///
/// Run by `./dev bench proxy [ROUNDS [SECONDS]]`. Linux only. As in [HttpBenchmark], compare the
/// ratios of one run.
public final class ProxyBenchmark {
    private static final int ROUNDS = 5;
    private static final int SECONDS = 5;
    private static final int WARM_SECONDS = 15;
    private static final int CONNECTIONS = 64;

    private final PrintStream out = System.out;
    private final int rounds;
    private final int seconds;

    private ProxyBenchmark(int rounds, int seconds) {
        this.rounds = rounds;
        this.seconds = seconds;
    }

    /// @param arguments rounds, at least 1; seconds a sample, at least 1; both may be left out
    public static void main(String[] arguments) throws IOException {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : ROUNDS;
        int seconds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : SECONDS;
        Path directory = Files.createTempDirectory("proxy-benchmark");
        try (var servers = new Servers(directory)) {
            new ProxyBenchmark(rounds, seconds).run(servers);
        } finally {
            HttpBenchmark.delete(directory);
        }
    }

    private void run(Servers servers) {
        Contender upstream =
                servers.nginx(
                        "upstream",
                        1,
                        "",
                        "default_type application/json; return 200 '" + HttpBenchmark.BODY + "';");
        String authority = "127.0.0.1:" + upstream.target().getPort();
        Contender nginx =
                servers.nginx(
                        "nginx proxy",
                        1,
                        "upstream target { server "
                                + authority
                                + "; keepalive 128; keepalive_requests 100000000; }",
                        """
                        proxy_pass http://target;
                        proxy_http_version 1.1;
                        proxy_set_header Connection "";
                        proxy_set_header Host $proxy_host;
                        proxy_set_header X-Forwarded-For $remote_addr;
                        proxy_set_header X-Forwarded-Proto $scheme;
                        proxy_set_header X-Forwarded-Host $host;
                        proxy_set_header X-Request-Id $request_id;
                        """);
        Contender proxy =
                servers.mimicoreOfOneLoop(
                        "mimicore proxy",
                        "{\"api\":\"bench\",\"version\":\"v2\",\"mode\":\"proxy\",\"upstream\":\"http://"
                                + authority
                                + "\"}",
                        "/");
        Contender call =
                servers.mimicoreOfOneLoop(
                        "mimicore one call",
                        "{\"api\":\"bench\",\"version\":\"v2\",\"routes\":[{\"method\":\"GET\",\"path\":\"/\",\"transform\":{\"http\":[{\"name\":\"svc\",\"url\":\"http://"
                                + authority
                                + "/\"}]},\"response\":{\"body\":{\"user\":\"{{svc.name}}\",\"team\":\"{{svc.team}}\"}}}]}",
                        "/");
        List<Contender> all = List.of(nginx, proxy, call);
        all.forEach(ProxyBenchmark::check);

        var load =
                new Rounds(
                        new Wrk(CONNECTIONS, 1), rounds, seconds, out, List.of(upstream.process()));
        load.warm(List.of(proxy, call), WARM_SECONDS);
        var report = new Report(load.run(all), nginx, seconds);
        report.print("Reverse proxy, one worker each, " + CONNECTIONS + " connections", out);
        report.printRatio(call, proxy, out);
        allocations(proxy);
        allocations(call);
        if (!report.failures().isEmpty()) {
            throw new IllegalStateException(
                    report.failures() + " (expected: every request answered)");
        }
    }

    private void allocations(Contender contender) {
        try (var allocation = Allocation.attach(contender.process().pid(), "traffic-")) {
            var load = new Wrk(CONNECTIONS, 1);
            load.run(contender.target(), contender.host(), 1);
            long before = allocation.bytes();
            Wrk.Result result = load.run(contender.target(), contender.host(), seconds);
            out.printf(
                    Locale.ROOT,
                    "Allocated by the event loop of %s: %.0f bytes a request%n",
                    contender.name(),
                    (double) (allocation.bytes() - before) / result.requests());
        }
    }

    /// Fails unless the upstream's answer comes through.
    private static void check(Contender contender) {
        RawResponse answer = contender.ask("/");
        if (answer.status() != 200 || !answer.body().contains("Ada Lovelace")) {
            throw new IllegalStateException(
                    contender.name() + ": " + answer + " (expected: 200 of the upstream)");
        }
    }
}
