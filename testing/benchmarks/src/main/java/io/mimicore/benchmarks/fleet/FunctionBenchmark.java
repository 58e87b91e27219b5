package io.mimicore.benchmarks.fleet;

import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.stream.Stream;

/// Takes the time from the moment that a new function is in the artifact store to its first answer,
/// on a node that has served other functions of the same API. Confined to one thread.
final class FunctionBenchmark {
    private static final InstantSource CLOCK = InstantSource.system();
    private static final int WARM_ROUNDS = 4;
    private static final int ROUNDS = 12;
    private static final String API = "coded";

    private final PrintStream out;
    private final Path directory;

    FunctionBenchmark(PrintStream out, Path directory) {
        this.out = out;
        this.directory = directory;
    }

    void run() {
        var whole = new Times();
        var published = new Times();
        try (Cluster cluster = Cluster.start(directory)) {
            ControlPlaneProcess controlPlane = cluster.controlPlane();
            cluster.worker();
            cluster.save(API, ApiTexts.coded(API, 0));
            MimicoreProcess node = cluster.node(controlPlane);
            try (RawConnection connection = RawConnection.open(node.traffic())) {
                awaitMark(connection, 0);
                for (int mark = 1; mark <= WARM_ROUNDS + ROUNDS; mark++) {
                    cluster.save(API, ApiTexts.coded(API, mark));
                    Instant answered = awaitMark(connection, mark);
                    if (mark > WARM_ROUNDS) {
                        Instant stored = newest(cluster.artifacts());
                        long version = connection.send(request()).version();
                        double at = controlPlane.publishedMillis(version);
                        whole.add(Duration.between(stored, answered).toNanos() / 1e6);
                        published.add(at - stored.toEpochMilli());
                    }
                }
            }
        }
        out.println("| new function, artifact stored to answered on a warm node | " + whole + " |");
        out.println("| of it, until the version was published | " + published + " |");
    }

    private static Instant awaitMark(RawConnection connection, int mark) {
        String body = ApiTexts.body(mark);
        Waiting.until(body, () -> connection.send(request()).body().equals(body));
        return CLOCK.instant();
    }

    private static RawRequest request() {
        return RawRequest.get(ApiTexts.host(API), ApiTexts.PATH);
    }

    /// When the artifact store has written last; it writes artifacts only.
    private static Instant newest(Path artifacts) {
        try (Stream<Path> files = Files.walk(artifacts)) {
            return files.filter(Files::isRegularFile)
                    .map(FunctionBenchmark::written)
                    .max(Instant::compareTo)
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Instant written(Path file) {
        try {
            return Files.getLastModifiedTime(file).toInstant();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
