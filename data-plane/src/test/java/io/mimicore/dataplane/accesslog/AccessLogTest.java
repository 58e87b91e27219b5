package io.mimicore.dataplane.accesslog;

import static io.mimicore.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.call.Authority;
import io.mimicore.dataplane.http.RecordedExchange;
import io.mimicore.dataplane.http.RequestHandler;
import io.mimicore.dataplane.http.StaticAnswer;
import io.mimicore.dataplane.http.UpstreamCall;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class AccessLogTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final StaticAnswer OK = answer(200);
    private static final StaticAnswer FAILED = answer(500);
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");

    @TempDir private Path directory;

    @Test
    void line_ofARequest_tellsWhatBecameOfIt() throws IOException {
        Path file = directory.resolve("access.log");
        RequestHandler handler =
                exchange -> {
                    exchange.matched("orders", "/orders/{id}", 7);
                    exchange.calledUpstream(
                            new UpstreamCall(
                                    "stock",
                                    new Authority(false, "stock", 80)
                                            .destination("GET", new byte[0]),
                                    503,
                                    "status",
                                    1_000_000,
                                    2_500_000,
                                    null));
                    exchange.answer(OK);
                };
        try (AccessLog log = AccessLog.start(AccessLog.Target.file(file), 1)) {
            handle(
                    log,
                    handler,
                    RecordedExchange.of("GET", "orders.localhost", "/orders/1?secret=2")
                            .with(
                                    "traceparent",
                                    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
        }

        JsonNode line = new ObjectMapper().readTree(Files.readString(file));
        assertThat(line.path("time").asString()).isEqualTo(NOW.toString());
        assertThat(line.path("request_id").asString()).isNotEmpty();
        assertThat(line.path("trace_id").asString()).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
        assertThat(line.path("method").asString()).isEqualTo("GET");
        assertThat(line.path("host").asString()).isEqualTo("orders.localhost");
        assertThat(line.path("path").asString()).isEqualTo("/orders/1");
        assertThat(line.path("status").asInt()).isEqualTo(200);
        assertThat(line.path("bytes").asInt()).isEqualTo(2);
        assertThat(line.path("api").asString()).isEqualTo("orders");
        assertThat(line.path("route").asString()).isEqualTo("/orders/{id}");
        assertThat(line.path("version").asInt()).isEqualTo(7);
        assertThat(line.path("upstream").path(0).path("call").asString()).isEqualTo("stock");
        assertThat(line.path("upstream").path(0).path("duration_ms").asDouble()).isEqualTo(1.5);
    }

    @Test
    void line_hostileText_staysInItsPlace() {
        var hostile = new StringBuilder();
        for (int c = 0; c < 0x2100; c++) {
            hostile.append((char) c);
        }
        var line = new StringBuilder();

        AccessLine.append(line, entry(hostile.toString()));

        assertThat(line.toString().lines()).hasSize(1);
        assertThat(line.toString()).matches("[^\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u2028\\u2029]*");
        assertThat(new ObjectMapper().readTree(line.toString()).path("path").asString())
                .isEqualTo(hostile.toString());
    }

    @Test
    void sample_none_logsErrorsAllTheSame() throws IOException {
        Path file = directory.resolve("access.log");
        try (AccessLog log = AccessLog.start(AccessLog.Target.file(file), 0)) {
            for (int i = 0; i < 10; i++) {
                handle(log, exchange -> exchange.answer(OK), request());
            }
            handle(log, exchange -> exchange.answer(FAILED), request());
        }

        assertThat(Files.readAllLines(file)).singleElement().asString().contains("\"status\":500");
    }

    @Test
    void reopen_fileMovedAway_writesToANewOne() throws IOException {
        Path file = directory.resolve("access.log");
        try (AccessLog log = AccessLog.start(AccessLog.Target.file(file), 1)) {
            handle(log, exchange -> exchange.answer(OK), request());
            eventually(PATIENCE, () -> assertThat(log.written()).isEqualTo(1));
            Files.move(file, directory.resolve("access.log.1"));
            log.reopen();
            handle(log, exchange -> exchange.answer(FAILED), request());
        }

        assertThat(Files.readString(directory.resolve("access.log.1"))).contains(":200,");
        assertThat(Files.readString(file)).contains(":500,");
    }

    @Test
    void add_writerStuck_dropsWhatTheQueueCannotTake() throws Exception {
        var stuck = new CountDownLatch(1);
        try (AccessLog log = AccessLog.start(() -> new Blocked(stuck), 1)) {
            int more = 5_000;
            for (int i = 0; i < AccessLog.ENTRIES_MAX + more; i++) {
                log.add(entry("/" + i));
            }
            // The writer may have taken one batch, which is at least 100 characters a line.
            assertThat(log.dropped()).isBetween(more - 1_000L, (long) more);
            stuck.countDown();
            eventually(
                    PATIENCE,
                    () ->
                            assertThat(log.written() + log.dropped())
                                    .isEqualTo(AccessLog.ENTRIES_MAX + more));
        }
    }

    @Test
    void write_diskFull_losesLinesAndGoesOn() throws IOException {
        var full = new AtomicBoolean(true);
        try (AccessLog log = AccessLog.start(() -> new Full(full), 1)) {
            log.add(entry("/lost"));
            eventually(PATIENCE, () -> assertThat(log.failed()).isEqualTo(1));
            full.set(false);
            log.add(entry("/kept"));
            eventually(PATIENCE, () -> assertThat(log.written()).isEqualTo(1));
        }
    }

    private static void handle(AccessLog log, RequestHandler handler, RecordedExchange exchange) {
        log.around(
                        handler,
                        new LoggedClock(InstantSource.fixed(NOW), exchange::startNanos),
                        new Random(1))
                .handle(exchange);
    }

    private static RecordedExchange request() {
        return RecordedExchange.of("GET", "a.localhost", "/");
    }

    private static AccessEntry entry(String path) {
        return new AccessEntry(
                0, "id", "", "127.0.0.1", "GET", "host", path, 200, 0, 0, "", "", 0, List.of());
    }

    private static StaticAnswer answer(int status) {
        return new StaticAnswer(status, List.of(), "ok".getBytes(UTF_8));
    }

    private static final class Blocked extends OutputStream {
        private final CountDownLatch until;

        Blocked(CountDownLatch until) {
            this.until = until;
        }

        @Override
        public void write(int value) {}

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                until.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
    }

    private static final class Full extends OutputStream {
        private final AtomicBoolean full;

        Full(AtomicBoolean full) {
            this.full = full;
        }

        @Override
        public void write(int value) throws IOException {
            if (full.get()) {
                throw new IOException("No space left on device");
            }
        }
    }
}
