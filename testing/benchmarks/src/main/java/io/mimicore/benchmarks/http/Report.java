package io.mimicore.benchmarks.http;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// Medians of a run as a table, each also as a ratio to one server's.
final class Report {
    private final Map<Contender, List<Sample>> samples;
    private final Contender yardstick;
    private final int seconds;

    /// @param yardstick one of the servers: what the ratios refer to
    /// @param seconds how long a sample took
    Report(Map<Contender, List<Sample>> samples, Contender yardstick, int seconds) {
        this.samples = samples;
        this.yardstick = yardstick;
        this.seconds = seconds;
    }

    void print(String title, PrintStream out) {
        out.printf(
                Locale.ROOT, "%n%s (medians [min-max]; ratios to %s)%n", title, yardstick.name());
        out.println(
                "| server | req/s | ratio | CPU s/M | ratio | user s/M | ratio | p99 us | noisy"
                        + " samples |");
        out.println("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        for (Map.Entry<Contender, List<Sample>> entry : samples.entrySet()) {
            List<Sample> own = entry.getValue();
            out.printf(
                    Locale.ROOT,
                    "| %s | %s | %.2f | %s | %.2f | %.2f | %.2f | %.0f | %d of %d |%n",
                    entry.getKey().name(),
                    range("%.0f", own, Sample::perSecond),
                    ratio(own, Sample::perSecond),
                    range("%.2f", own, Sample::cpuPerMillion),
                    ratio(own, Sample::cpuPerMillion),
                    median(own, Sample::userPerMillion),
                    ratio(own, Sample::userPerMillion),
                    median(own, sample -> sample.load().latency().p99Micros()),
                    own.stream().filter(sample -> sample.isNoisy(seconds)).count(),
                    own.size());
        }
    }

    /// Processor time of one of the servers in that of another.
    void printRatio(Contender server, Contender other, PrintStream out) {
        List<Sample> own = samples.getOrDefault(server, List.of());
        List<Sample> theirs = samples.getOrDefault(other, List.of());
        out.printf(
                Locale.ROOT,
                "%n%s against %s: %.2f times the processor time for a request%n",
                server.name(),
                other.name(),
                median(own, Sample::cpuPerMillion) / median(theirs, Sample::cpuPerMillion));
    }

    /// Requests that were not answered well, over all servers.
    List<String> failures() {
        return samples.entrySet().stream()
                .flatMap(entry ->
                        entry.getValue().stream()
                                .map(sample -> sample.load().failures())
                                .filter(text -> !text.isEmpty())
                                .map(text -> entry.getKey().name() + ": " + text))
                .toList();
    }

    private double ratio(List<Sample> own, ToDoubleFunction<Sample> figure) {
        return median(own, figure) / median(samples.getOrDefault(yardstick, List.of()), figure);
    }

    private static String range(String form, List<Sample> own, ToDoubleFunction<Sample> figure) {
        double least = own.stream().mapToDouble(figure).min().orElse(0);
        double most = own.stream().mapToDouble(figure).max().orElse(0);
        return String.format(
                Locale.ROOT,
                form + " [" + form + "-" + form + "]",
                median(own, figure),
                least,
                most);
    }

    private static double median(List<Sample> own, ToDoubleFunction<Sample> figure) {
        double[] sorted = own.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
