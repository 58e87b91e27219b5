package io.mimicore.benchmarks.attack;

import static java.util.Objects.requireNonNull;

import io.mimicore.benchmarks.attack.Neighbour.Question;
import io.mimicore.benchmarks.attack.Neighbour.Window;
import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import io.mimicore.testkit.process.RawResponse;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/// How much slower another API answers while one is attacked, for each kind of attack.
///
/// Run by `./dev bench attack`. Windows without and with an attack take turns, many times, and the
/// medians of their figures are compared: what else the machine does weighs on both, and a burst of
/// it on neither. `well` is no attack: as many connections call a function that returns at once,
/// which is what the load alone does. How long the collector stopped the node is told as well,
/// since that depends on nothing else.
public final class AttackBenchmark {
    private static final List<String> FUNCTIONS =
            List.of(
                    "well",
                    "fails",
                    "panics",
                    "traps",
                    "exits",
                    "recurses",
                    "hoards",
                    "grows",
                    "pries",
                    "spins",
                    "sleeps");

    private static final String MIX = "mix";
    private static final int ATTACKERS = 2;
    private static final int CONNECTIONS = 2;
    private static final int HEAP_MEGABYTES = 768;
    private static final Duration STEP = Duration.ofMillis(5);
    private static final Duration PRACTICE = Duration.ofSeconds(15);
    private static final double RATIO_MAX = 2;
    private static final double MILLIS_PER_SECOND = 1e3;

    private final PrintStream out = System.out;
    private final MimicoreProcess program;
    private final int rounds;
    private final Duration window;

    private AttackBenchmark(MimicoreProcess program, int rounds, Duration window) {
        this.program = program;
        this.rounds = rounds;
        this.window = window;
    }

    /// @param arguments rounds (12), milliseconds of a window (1 000), then the attacks (all)
    public static void main(String[] arguments) throws IOException {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 12;
        int millis = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1_000;
        List<String> attacks =
                arguments.length > 2
                        ? Arrays.asList(arguments).subList(2, arguments.length)
                        : Stream.concat(FUNCTIONS.stream(), Stream.of(MIX)).toList();
        Path directory = Files.createTempDirectory("attack-benchmark");
        try {
            Path configs = Files.createDirectories(directory.resolve("configs"));
            Files.writeString(configs.resolve("hostile.json"), HostileApis.hostile(FUNCTIONS));
            Files.writeString(configs.resolve("neighbour.json"), HostileApis.neighbour());
            try (MimicoreProcess program =
                    MimicoreProcess.builder(configs, directory.resolve("state"))
                            .heapMegabytes(HEAP_MEGABYTES)
                            .start()) {
                new AttackBenchmark(program, rounds, Duration.ofMillis(millis)).run(attacks);
            }
        } finally {
            delete(directory);
        }
    }

    private void run(List<String> attacks) {
        Map<String, Outcome> outcomes = new LinkedHashMap<>();
        attacks.forEach(attack -> outcomes.put(attack, new Outcome()));
        try (Neighbour plain = neighbour("/plain/21", "{\"v\":\"21\"}");
                Neighbour code = neighbour("/double/21", "{\"v\":\"42\"}")) {
            practise(attacks);
            for (int round = 0; round < rounds; round++) {
                for (String attack : attacks) {
                    measure(attack, plain, code, requireNonNull(outcomes.get(attack)));
                }
                out.println("round " + (round + 1) + " of " + rounds);
            }
            if (plain.failures() + code.failures() > 0) {
                throw new IllegalStateException(
                        "the other API failed "
                                + (plain.failures() + code.failures())
                                + " times (expected: never)");
            }
        }
        out.println();
        out.println(
                "| attack | answered a second | collector ms a second | without code: p50 | p99 | with code:"
                        + " p50 | p99 | p99 under 2x |");
        out.println("| --- | --- | --- | --- | --- | --- | --- | --- |");
        outcomes.forEach((attack, outcome) -> out.println(outcome.row(attack)));
    }

    /// Lets the JIT compiler see every attack, and the neighbour's answers.
    private void practise(List<String> attacks) {
        for (String attack : attacks) {
            try (Attackers _ = Attackers.start(program.traffic(), requests(attack), ATTACKERS)) {
                LockSupport.parkNanos(PRACTICE.toNanos() / attacks.size());
            }
        }
    }

    private void measure(String attack, Neighbour plain, Neighbour code, Outcome outcome) {
        // What the attack before has left to do is not the quiet time's.
        LockSupport.parkNanos(window.toNanos() / 4);
        plain.take();
        code.take();
        LockSupport.parkNanos(window.toNanos());
        outcome.quietPlain.add(plain.take());
        outcome.quietCode.add(code.take());
        double collected = collectorMillis();
        try (Attackers attackers =
                Attackers.start(program.traffic(), requests(attack), ATTACKERS)) {
            LockSupport.parkNanos(window.toNanos());
            outcome.plain.add(plain.take());
            outcome.code.add(code.take());
            double seconds = window.toMillis() / MILLIS_PER_SECOND;
            outcome.rates.add(attackers.answers() / seconds);
            outcome.collected.add((collectorMillis() - collected) / seconds);
        }
    }

    private double collectorMillis() {
        try (RawConnection connection = RawConnection.open(program.metrics())) {
            return connection
                            .send(RawRequest.get("localhost", "/metrics"))
                            .body()
                            .lines()
                            .filter(line -> line.startsWith("jvm_gc_pause_seconds_sum"))
                            .mapToDouble(line ->
                                    Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                            .sum()
                    * MILLIS_PER_SECOND;
        }
    }

    private static List<RawRequest> requests(String attack) {
        return (attack.equals(MIX) ? FUNCTIONS : List.of(attack))
                .stream()
                        .map(name -> RawRequest.get(HostileApis.HOSTILE + ".localhost", "/" + name))
                        .toList();
    }

    private Neighbour neighbour(String target, String body) {
        RawRequest request = RawRequest.get(HostileApis.NEIGHBOUR + ".localhost", target);
        RawResponse response = program.send(request);
        if (!response.body().equals(body)) {
            throw new IllegalStateException("response: " + response + " (expected: " + body + ")");
        }
        return Neighbour.start(program.traffic(), new Question(request, body), CONNECTIONS, STEP);
    }

    private static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What the rounds of one attack gave. Not thread-safe.
    private static final class Outcome {
        private final List<Double> rates = new ArrayList<>();
        private final List<Double> collected = new ArrayList<>();
        private final List<Window> quietPlain = new ArrayList<>();
        private final List<Window> plain = new ArrayList<>();
        private final List<Window> quietCode = new ArrayList<>();
        private final List<Window> code = new ArrayList<>();

        String row(String attack) {
            double plainP99 = ratio(plain, quietPlain, Window::p99);
            double codeP99 = ratio(code, quietCode, Window::p99);
            return String.format(
                    Locale.ROOT,
                    "| `%s` | %.0f | %.0f | %.2f | %.2f | %.2f | %.2f | %s |",
                    attack,
                    median(rates.stream().mapToDouble(Double::doubleValue)),
                    collected.stream().mapToDouble(Double::doubleValue).average().orElse(0),
                    ratio(plain, quietPlain, Window::median),
                    plainP99,
                    ratio(code, quietCode, Window::median),
                    codeP99,
                    plainP99 < RATIO_MAX && codeP99 < RATIO_MAX ? "yes" : "**no**");
        }

        private static double ratio(
                List<Window> attacked, List<Window> quiet, ToLongFunction<Window> figure) {
            return median(attacked.stream().mapToDouble(figure::applyAsLong))
                    / median(quiet.stream().mapToDouble(figure::applyAsLong));
        }

        private static double median(DoubleStream values) {
            double[] sorted = values.sorted().toArray();
            return sorted[sorted.length / 2];
        }
    }
}
