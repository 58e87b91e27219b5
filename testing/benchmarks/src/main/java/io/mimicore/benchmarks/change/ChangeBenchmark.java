package io.mimicore.benchmarks.change;

import io.mimicore.benchmarks.change.PacedTraffic.Question;
import io.mimicore.testkit.process.RawRequest;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// Times changes of the packaged program: edits of responses and of Go code, restarts, and a
/// version of 100 000 routes under traffic.
///
/// Run by `./dev bench change`. Everything is measured in one run on loopback; what else the
/// machine does lengthens all of it, most of all the longest response at rest, which is measured
/// for that.
public final class ChangeBenchmark {
    private static final int WARM_EDITS = 20;
    private static final int EDITS = 40;
    private static final int WARM_CODE_EDITS = 2;
    private static final int CODE_EDITS = 8;
    private static final int RESTARTS = 5;
    private static final int RESTART_ROUTES = 1_000;
    private static final int LARGE_APIS = 10;
    private static final int LARGE_ROUTES = 10_000;
    private static final int LARGE_EDITS = 5;

    private static final double EDIT_MILLIS_MAX = 300;
    private static final double CODE_EXTRA_MILLIS_MAX = 500;
    private static final double RESTART_MILLIS_MAX = 2_500;
    private static final double PAUSE_MILLIS_MAX = 50;

    private static final int HEAP_MEGABYTES = 768;

    /// Two versions of all large APIs live side by side while one takes the other's place.
    private static final int LARGE_HEAP_MEGABYTES = 4_096;

    private static final int CONNECTIONS = 4;
    private static final Duration STEP = Duration.ofMillis(8);
    private static final Duration WARM_TRAFFIC = Duration.ofSeconds(15);
    private static final Duration REST = Duration.ofSeconds(5);
    private static final double MILLIS_PER_SECOND = 1e3;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final Set<String> PARTS = Set.of("edits", "restarts", "routes");
    private static final String BUILDS = "mimicore_build_total";
    private static final String BUILD_SECONDS = "mimicore_build_seconds_sum";

    private final PrintStream out = System.out;
    private final ResultTable table = new ResultTable(out);

    private ChangeBenchmark() {}

    /// @param arguments which of `edits`, `restarts` and `routes` to measure; all without any
    public static void main(String[] arguments) throws IOException {
        Path directory = Files.createTempDirectory("change-benchmark");
        try {
            new ChangeBenchmark().run(directory, parts(arguments));
        } finally {
            delete(directory);
        }
    }

    private static Set<String> parts(String[] arguments) {
        Set<String> parts = arguments.length == 0 ? PARTS : Set.of(arguments);
        if (!PARTS.containsAll(parts)) {
            throw new IllegalArgumentException(
                    "arguments: " + parts + " (expected: of " + PARTS + ")");
        }
        return parts;
    }

    private void run(Path directory, Set<String> parts) {
        try (Subject subject = Subject.start(directory.resolve("edits"), HEAP_MEGABYTES)) {
            if (parts.contains("edits")) {
                edits(subject);
                codeEdits(subject);
            }
            if (parts.contains("restarts")) {
                restarts(subject);
            }
        }
        if (parts.contains("routes")) {
            try (Subject subject =
                    Subject.start(directory.resolve("routes"), LARGE_HEAP_MEGABYTES)) {
                routes(subject);
            }
        }
        table.print(out);
    }

    private void edits(Subject subject) {
        long[] nanos = new long[EDITS];
        for (int i = -WARM_EDITS; i < EDITS; i++) {
            int mark = i + WARM_EDITS + 1;
            long took = subject.saveAndServe("plain", mark, ConfigTexts.small("plain", mark));
            if (i >= 0) {
                nanos[i] = took;
            }
        }
        Figures figures = Figures.ofNanos(nanos);
        table.atMost(
                "edit of a response, saved to served, " + EDITS + " times",
                figures + " ms",
                figures.median(),
                EDIT_MILLIS_MAX);
    }

    private void codeEdits(Subject subject) {
        long[] nanos = new long[CODE_EDITS];
        long[] builds = new long[CODE_EDITS];
        for (int i = -WARM_CODE_EDITS; i < CODE_EDITS; i++) {
            int mark = i + WARM_CODE_EDITS + 1;
            double before = subject.metric(BUILD_SECONDS);
            long took = subject.saveAndServe("coded", mark, ConfigTexts.coded("coded", mark));
            if (i >= 0) {
                nanos[i] = took;
                builds[i] = (long) ((subject.metric(BUILD_SECONDS) - before) * 1e9);
            }
        }
        Figures build = Figures.ofNanos(builds);
        Figures figures = Figures.ofNanos(nanos);
        table.yardstick("warm build of Go, " + CODE_EDITS + " times", build + " ms");
        table.atMost(
                "edit of Go, saved to served, " + CODE_EDITS + " times",
                figures + " ms",
                figures.median(),
                build.median() + CODE_EXTRA_MILLIS_MAX);
    }

    private void restarts(Subject subject) {
        subject.saveAndServe("restarted", 1, ConfigTexts.coded("restarted", 1));
        subject.saveAndServe("routes", 1, ConfigTexts.large("routes", 1, RESTART_ROUTES - 1));
        long[] nanos = new long[RESTARTS];
        long builds = 0;
        for (int i = 0; i < RESTARTS; i++) {
            nanos[i] = subject.restart("routes", 1);
            subject.awaitMark("restarted", 1);
            builds += (long) subject.metric(BUILDS);
        }
        Figures figures = Figures.ofNanos(nanos);
        table.atMost(
                "restart with "
                        + RESTART_ROUTES
                        + " routes and Go, started to first answer, "
                        + RESTARTS
                        + " times",
                figures + " ms",
                figures.median(),
                RESTART_MILLIS_MAX);
        table.exactly("builds of these restarts", builds, 0);
    }

    private void routes(Subject subject) {
        subject.saveAndServe("steady", 1, ConfigTexts.small("steady", 1));
        var question =
                new Question(
                        subject.address(),
                        RawRequest.get(ConfigTexts.host("steady"), ConfigTexts.MARK_PATH),
                        ConfigTexts.body(1));
        try (var traffic = PacedTraffic.start(question, CONNECTIONS, STEP)) {
            LockSupport.parkNanos(WARM_TRAFFIC.toNanos());
            traffic.takeLongestNanos();
            LockSupport.parkNanos(REST.toNanos());
            table.yardstick(
                    "longest response at rest, " + REST.toSeconds() + " s, 500 requests a second",
                    millis(traffic.takeLongestNanos()));

            double took = version(subject, 1);
            int all = LARGE_APIS * LARGE_ROUTES;
            pause(
                    "longest response while "
                            + all
                            + " routes come, served after "
                            + Math.round(took)
                            + " ms",
                    traffic,
                    subject);
            double edits = 0;
            for (int mark = 2; mark < LARGE_EDITS + 2; mark++) {
                edits += version(subject, mark);
            }
            pause(
                    "longest response while all of them are edited "
                            + LARGE_EDITS
                            + " times, served after "
                            + Math.round(edits / LARGE_EDITS)
                            + " ms each",
                    traffic,
                    subject);
            table.exactly("failed requests of " + traffic.answers(), traffic.failures(), 0);
        }
    }

    private void pause(String what, PacedTraffic traffic, Subject subject) {
        double longest = traffic.takeLongestNanos() / NANOS_PER_MILLI;
        double collection = subject.metric("jvm_gc_pause_seconds_max") * MILLIS_PER_SECOND;
        table.atMost(
                what,
                String.format(
                        Locale.ROOT, "%.1f ms (longest collection %.0f ms)", longest, collection),
                longest,
                PAUSE_MILLIS_MAX);
    }

    /// Saves all large APIs with a mark and waits until the last of them is served, in
    /// milliseconds.
    private static double version(Subject subject, int mark) {
        long begin = System.nanoTime();
        LongStream.range(0, LARGE_APIS)
                .forEach(i -> {
                    String api = "large" + i;
                    subject.save(api, ConfigTexts.large(api, mark, LARGE_ROUTES - 1));
                });
        for (int i = 0; i < LARGE_APIS; i++) {
            subject.awaitMark("large" + i, mark);
        }
        return (System.nanoTime() - begin) / NANOS_PER_MILLI;
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.1f ms", nanos / NANOS_PER_MILLI);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
