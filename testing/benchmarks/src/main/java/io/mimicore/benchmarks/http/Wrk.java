package io.mimicore.benchmarks.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The load generator `wrk`: keeps a number of connections busy with one request.
///
/// @param connections open at a time
/// @param depth requests that a connection sends before it reads answers, 1: no pipelining
record Wrk(int connections, int depth) {
    private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests in ");
    private static final Pattern RATE = Pattern.compile("Requests/sec: +([\\d.]+)");
    private static final Pattern P50 = Pattern.compile("50% +([\\d.]+)(us|ms|s)");
    private static final Pattern P99 = Pattern.compile("99% +([\\d.]+)(us|ms|s)");
    private static final Pattern REFUSED = Pattern.compile("Non-2xx or 3xx responses: (\\d+)");
    private static final Pattern BROKEN = Pattern.compile("Socket errors: (.*)");

    /// What one run saw.
    ///
    /// @param requests answered
    /// @param failures answers that were not 2xx or 3xx, and a sign of broken connections
    /// @param cpu what the generator itself used
    record Result(
            long requests, double perSecond, Latency latency, String failures, CpuTimes cpu) {}

    /// Times to answer, in microseconds.
    record Latency(double p50Micros, double p99Micros) {}

    /// Runs it and waits for its end.
    ///
    /// @param host the header `Host`
    Result run(URI target, String host, int seconds) {
        List<String> command = new ArrayList<>();
        command.addAll(
                List.of("wrk", "-t2", "-c" + connections, "-d" + seconds + "s", "--latency"));
        command.addAll(List.of("-H", "Host: " + host));
        @Nullable Path script = null;
        try {
            if (depth > 1) {
                script =
                        Files.writeString(
                                Files.createTempFile("pipeline", ".lua"), script(), UTF_8);
                command.addAll(List.of("-s", script.toString()));
            }
            command.add(target.toString());
            return run(command);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            delete(script);
        }
    }

    private static Result run(List<String> command) throws IOException {
        CpuTimes before = CpuTimes.ofEndedChildren();
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String report = new String(process.getInputStream().readAllBytes(), UTF_8);
        awaitEnd(process);
        CpuTimes cpu = CpuTimes.ofEndedChildren().minus(before);
        Matcher refused = REFUSED.matcher(report);
        Matcher broken = BROKEN.matcher(report);
        String failures = refused.find() ? refused.group(1) + " refused " : "";
        failures += broken.find() ? broken.group(1) : "";
        return new Result(
                Long.parseLong(first(REQUESTS, report)),
                Double.parseDouble(first(RATE, report)),
                new Latency(micros(P50, report), micros(P99, report)),
                failures,
                cpu);
    }

    private static void awaitEnd(Process process) {
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while wrk ran", e);
        }
    }

    private String script() {
        return """
        init = function(args)
          local one = wrk.format()
          local all = {}
          for i = 1, %d do all[i] = one end
          batch = table.concat(all)
        end
        request = function() return batch end
        """
                .replace("%d", Integer.toString(depth));
    }

    private static String first(Pattern pattern, String report) {
        Matcher matcher = pattern.matcher(report);
        if (!matcher.find()) {
            throw new IllegalStateException(
                    "wrk printed no " + pattern + " (expected: a report)\n" + report);
        }
        return matcher.group(1);
    }

    private static double micros(Pattern pattern, String report) {
        Matcher matcher = pattern.matcher(report);
        if (!matcher.find()) {
            throw new IllegalStateException(
                    "wrk printed no " + pattern + " (expected: a report)\n" + report);
        }
        double value = Double.parseDouble(matcher.group(1));
        return switch (matcher.group(2)) {
            case "s" -> value * 1e6;
            case "ms" -> value * 1e3;
            default -> value;
        };
    }

    private static void delete(@Nullable Path script) {
        if (script == null) {
            return;
        }
        try {
            Files.deleteIfExists(script);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
