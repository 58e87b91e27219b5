package io.mimicore.benchmarks.fleet;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Set;
import java.util.stream.Stream;

/// What a fleet costs: one edit to a thousand and to five thousand simulated nodes, the memory and
/// the processor time of a node at its control plane, a leader that is lost, and a new function.
///
/// Run by `./dev bench fleet`. Control planes, etcd, MinIO, worker and node are processes of their
/// own; the simulated nodes share the processors with them, so that times of pushes include what
/// the nodes take.
public final class FleetBenchmark {
    private static final Set<String> PARTS = Set.of("1000", "5000", "leader", "function");
    private static final PushBenchmark.Scale THOUSAND = new PushBenchmark.Scale(1_000, 60, 1);
    private static final PushBenchmark.Scale FIVE_THOUSAND = new PushBenchmark.Scale(5_000, 20, 1);

    private FleetBenchmark() {}

    /// @param arguments which of `1000`, `5000`, `leader` and `function` to measure; all without
    ///   any
    public static void main(String[] arguments) throws IOException {
        Set<String> parts = arguments.length == 0 ? PARTS : Set.of(arguments);
        if (!PARTS.containsAll(parts)) {
            throw new IllegalArgumentException(
                    "arguments: " + parts + " (expected: of " + PARTS + ")");
        }
        Path directory = Files.createTempDirectory("fleet-benchmark");
        PrintStream out = System.out;
        try {
            load(out);
            if (parts.contains("1000")) {
                new PushBenchmark(out, directory.resolve("1000"), THOUSAND).run();
            }
            if (parts.contains("5000")) {
                new PushBenchmark(out, directory.resolve("5000"), FIVE_THOUSAND).run();
            }
            if (parts.contains("leader")) {
                new LeaderBenchmark(out, directory.resolve("leader")).run();
            }
            if (parts.contains("function")) {
                new FunctionBenchmark(out, directory.resolve("function")).run();
            }
            load(out);
        } finally {
            delete(directory);
        }
    }

    private static void load(PrintStream out) {
        out.println("| threads that can run, over a minute | " + Machine.load() + " |");
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
