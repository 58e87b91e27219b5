package io.mimicore.system;

import static io.mimicore.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.ByteConnection;
import io.mimicore.testkit.process.ByteServer;
import io.mimicore.testkit.process.MimicoreProcess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A large body up and one down at the same time, each to a slow reader, through a program with 256
/// MB of heap.
///
/// `-Dmimicore.proxy.bytes=N` sets the size of each, and then the readers take 1 MB a second to the
/// end; without it they do so for the first megabytes and then read as fast as they can.
@SuppressWarnings("StringConcatToTextBlock") // text blocks end lines in LF, HTTP in CR LF
class ProxyVolumeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final @Nullable Long ASKED_BYTES = Long.getLong("mimicore.proxy.bytes");
    private static final long WHOLE = ASKED_BYTES == null ? 64L << 20 : ASKED_BYTES;
    private static final long SLOW = ASKED_BYTES == null ? 4L << 20 : ASKED_BYTES;
    private static final int BYTES_PER_SECOND = 1_000_000;
    private static final int PIECE = 1 << 16;
    private static final long SEED = 42;

    @TempDir private Path root;

    @Test
    void bodies_ofAnySize_passThroughASmallHeap() throws Exception {
        CompletableFuture<Long> received = new CompletableFuture<>();
        try (ByteServer target = ByteServer.tcp(connection -> serve(connection, received));
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Workspace workspace = Workspace.in(root);
            workspace.write(
                    "volume.json",
                    "{\"api\":\"volume\",\"version\":\"v2\",\"mode\":\"proxy\",\"upstream\":\"http://127.0.0.1:"
                            + target.port()
                            + "\"}");
            try (MimicoreProcess program = workspace.program().heapMegabytes(256).start();
                    ByteConnection up = ByteConnection.open(program.traffic());
                    ByteConnection down = ByteConnection.open(program.traffic())) {
                long before = residentBytes(program);
                var sent =
                        threads.submit(() -> {
                            up.send(head("PUT", "/up", "Content-Length: " + WHOLE));
                            return send(up);
                        });
                down.send(head("GET", "/down", "Accept: */*"));
                assertThat(down.readHead()).startsWith("HTTP/1.1 200 ");
                long checksum = receive(down);

                assertThat(received.get(PATIENCE.toSeconds() + slowSeconds(), TimeUnit.SECONDS))
                        .as("checksum of what went up")
                        .isEqualTo(sent.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
                assertThat(checksum).as("checksum of what came down").isEqualTo(sent.get());
                assertThat(up.readHead()).startsWith("HTTP/1.1 204 ");
                // Less than either body, at their smallest, and far less than the heap.
                assertThat(residentBytes(program) - before).isLessThan(48L << 20);
                eventually(
                        PATIENCE,
                        () -> assertThat(Metrics.of(program).calls("volume", "ok")).isEqualTo(2));
            }
        }
    }

    private static String head(String method, String path, String field) {
        return method + " " + path + " HTTP/1.1\r\nHost: volume.localhost\r\n" + field + "\r\n\r\n";
    }

    private static void serve(ByteConnection connection, CompletableFuture<Long> received)
            throws IOException {
        while (true) {
            if (connection.readHead().startsWith("PUT")) {
                received.complete(receive(connection));
                connection.send("HTTP/1.1 204 No Content\r\n\r\n");
            } else {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + WHOLE + "\r\n\r\n");
                send(connection);
            }
        }
    }

    /// Sends pieces that all differ.
    ///
    /// @return the checksum of the whole
    private static long send(ByteConnection connection) throws IOException {
        byte[] piece = new byte[PIECE];
        new Random(SEED).nextBytes(piece);
        CRC32 checksum = new CRC32();
        for (long at = 0; at < WHOLE; at += PIECE) {
            ByteBuffer.wrap(piece).putLong(at);
            checksum.update(piece);
            connection.send(piece);
        }
        return checksum.getValue();
    }

    /// Reads a whole body, as slowly as it has to.
    ///
    /// @return its checksum
    private static long receive(ByteConnection connection) throws IOException {
        byte[] piece = new byte[PIECE];
        CRC32 checksum = new CRC32();
        long start = System.nanoTime();
        for (long at = 0; at < WHOLE; ) {
            int count = connection.read(piece);
            if (count < 0) {
                throw new IOException("ended after " + at + " of " + WHOLE + " bytes");
            }
            checksum.update(piece, 0, count);
            at += count;
            long due = start + TimeUnit.SECONDS.toNanos(Math.min(at, SLOW)) / BYTES_PER_SECOND;
            while (System.nanoTime() - due < 0) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
        }
        return checksum.getValue();
    }

    private static long slowSeconds() {
        return SLOW / BYTES_PER_SECOND;
    }

    private static long residentBytes(MimicoreProcess program) throws IOException {
        String status = Files.readString(Path.of("/proc/" + program.pid() + "/status"), UTF_8);
        String line = status.lines().filter(l -> l.startsWith("VmRSS:")).findFirst().orElseThrow();
        return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
    }
}
