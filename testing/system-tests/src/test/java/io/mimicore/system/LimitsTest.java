package io.mimicore.system;

import static io.mimicore.system.Answers.json;
import static io.mimicore.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import io.mimicore.testkit.process.RawResponse;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The limits of `docs/limits.md` on the real socket and in real configs: at each one the request
/// is served, one beyond it has the error that is documented, and the error is counted.
class LimitsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int ANSWER_MILLIS = 30_000;
    private static final int MEBIBYTE = 1024 * 1024;
    private static final String HOST = "Host: limits.localhost\r\n";
    private static final String END = "Connection: close\r\n\r\n";
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 ([0-9]{3}) ");

    @TempDir private static Path root;
    private static Workspace workspace;
    private static MimicoreProcess program;

    @BeforeAll
    static void start() {
        workspace = Workspace.in(root);
        workspace.write(
                "limits.json",
                ApiText.of("limits")
                        .get("/ok", "\"ok\"")
                        .post("/size", "\"{{request.body | length}}\"")
                        .route(
                                "{\"method\":\"POST\",\"path\":\"/json\",\"validate\":{\"body\":{\"schema\":true}}}")
                        .route(
                                "{\"method\":\"POST\",\"path\":\"/output\",\"response\":{\"body\":\""
                                        + "{{request.body.v}}".repeat(5)
                                        + "{{request.body.w}}\"}}")
                        .text());
        workspace.write("routes_most.json", routes("routes_most", 10_000));
        workspace.write("routes_over.json", routes("routes_over", 10_001));
        workspace.write("size_most.json", sized("size_most", 4 * MEBIBYTE));
        workspace.write("size_over.json", sized("size_over", 4 * MEBIBYTE + 1));
        program = workspace.program().start();
    }

    @AfterAll
    static void stop() {
        program.close();
    }

    static Stream<Arguments> served() {
        return Stream.of(
                argumentSet("request line of 8 KiB", requestLine(8 * 1024)),
                argumentSet("headers of 32 KiB", headerBytes(32 * 1024)),
                argumentSet("100 headers", headers(100)),
                argumentSet("body of 1 MiB", sizedBody(MEBIBYTE)),
                argumentSet("chunked body of 1 MiB", chunkedBody(MEBIBYTE)),
                argumentSet("JSON nested 100 deep", post("/json", nested(100))),
                argumentSet("output of 4 MiB", post("/output", output(4))));
    }

    @ParameterizedTest
    @MethodSource("served")
    void request_atALimit_isServed(String request) throws IOException {
        String answer = exchange(request);
        assertThat(answer).as(head(answer)).startsWith("HTTP/1.1 200 ");
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                argumentSet("request line", requestLine(8 * 1024 + 1), 414, "uri-too-long"),
                argumentSet("header bytes", headerBytes(32 * 1024 + 1), 431, "headers-too-large"),
                argumentSet("headers", headers(101), 431, "headers-too-large"),
                argumentSet("body", sizedBody(MEBIBYTE + 1), 413, "body-too-large"),
                argumentSet("chunked body", chunkedBody(MEBIBYTE + 1), 413, "body-too-large"),
                argumentSet("nesting", post("/json", nested(101)), 400, "invalid-request"),
                argumentSet("output", post("/output", output(5)), 500, "response-too-large"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void request_beyondALimit_hasItsErrorAndIsCounted(String request, int status, String type)
            throws IOException {
        long before = counted(status);
        String answer = exchange(request);

        assertThat(answer).as(head(answer)).startsWith("HTTP/1.1 " + status + " ");
        requireProblem(answer, status, type);
        eventually(PATIENCE, () -> assertThat(counted(status)).isEqualTo(before + 1));
    }

    static Stream<Arguments> malformed() {
        String post = "POST /size HTTP/1.1\r\n" + HOST;
        String get = "GET /ok HTTP/1.1\r\n";
        return Stream.of(
                argumentSet(
                        "both lengths",
                        post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                argumentSet(
                        "both lengths, the other way round",
                        post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
                argumentSet(
                        "two lengths", post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
                argumentSet(
                        "the same length twice",
                        post + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na"),
                argumentSet("list of lengths", post + "Content-Length: 1, 1\r\n\r\na"),
                argumentSet("length with a sign", post + "Content-Length: +1\r\n\r\na"),
                argumentSet("negative length", post + "Content-Length: -1\r\n\r\na"),
                argumentSet("hexadecimal length", post + "Content-Length: 0x1\r\n\r\na"),
                argumentSet("empty length", post + "Content-Length:\r\n\r\na"),
                argumentSet("chunked twice", post + "Transfer-Encoding: chunked, chunked\r\n\r\n"),
                argumentSet("other coding", post + "Transfer-Encoding: gzip, chunked\r\n\r\n"),
                argumentSet(
                        "chunk size that is none",
                        post + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n"),
                argumentSet("LF alone", get.replace("\r", "") + "Host: limits.localhost\n\n"),
                argumentSet("LF alone in a header", get + "Host: limits.localhost\nX: y\r\n\r\n"),
                argumentSet("CR alone in a header", get + HOST + "X: a\rb\r\n\r\n"),
                argumentSet("NUL in a header", get + HOST + "X: a\0b\r\n\r\n"),
                argumentSet("space before the colon", get + "Host : limits.localhost\r\n\r\n"),
                argumentSet("folded header", get + HOST + "X: a\r\n b\r\n\r\n"),
                argumentSet("folded first header", get + " X: a\r\n" + HOST + "\r\n"),
                argumentSet("no Host", get + "X: y\r\n\r\n"),
                argumentSet("two Hosts", get + HOST + "Host: other.localhost\r\n\r\n"),
                argumentSet("the same Host twice", get + HOST + HOST + "\r\n"),
                argumentSet(
                        "Host that differs from the target",
                        "GET http://other.localhost/ok HTTP/1.1\r\n" + HOST + "\r\n"),
                argumentSet("two spaces", "GET  /ok HTTP/1.1\r\n" + HOST + "\r\n"));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void request_thatTwoReadersCouldTakeInTwoWays_is400ClosedAndCounted(String request)
            throws IOException {
        long before = counted(400);
        // A request that follows must not be answered: who knows where it begins.
        String answer = exchange(request + "GET /ok HTTP/1.1\r\n" + HOST + "\r\n");

        requireProblem(answer, 400, "malformed-request");
        assertThat(head(answer)).containsIgnoringCase("Connection: close");
        assertThat(STATUS.matcher(answer).results()).hasSize(1);
        eventually(PATIENCE, () -> assertThat(counted(400)).isEqualTo(before + 1));
    }

    @Test
    void config_atALimit_isServedAndBeyondItReported() {
        eventually(
                PATIENCE,
                () -> {
                    assertThat(get("routes_most", "/r9999").status()).isEqualTo(200);
                    assertThat(get("size_most", "/").status()).isEqualTo(200);
                });
        eventually(
                PATIENCE,
                () ->
                        assertThat(program.err().text())
                                .contains("LIMIT: routes: 10001 (expected: at most 10000)")
                                .contains(
                                        "FILE_TOO_LARGE: size: 4194305 bytes (expected: at most 4194304)"));
        assertThat(get("routes_over", "/r0").status()).isEqualTo(404);
        assertThat(get("size_over", "/").status()).isEqualTo(404);
    }

    private static String requestLine(int bytes) {
        String line = "GET /ok? HTTP/1.1\r\n";
        return line.replace("?", "?" + "q".repeat(bytes - line.length())) + HOST + END;
    }

    private static String headerBytes(int bytes) {
        String rest = "Connection: close\r\n" + HOST;
        String padding = "v".repeat(bytes - rest.length() - "X: \r\n".length());
        return "GET /ok HTTP/1.1\r\n" + rest + "X: " + padding + "\r\n\r\n";
    }

    private static String headers(int count) {
        return "GET /ok HTTP/1.1\r\n" + HOST + "X: 1\r\n".repeat(count - 2) + END;
    }

    private static String post(String path, String body) {
        return "POST "
                + path
                + " HTTP/1.1\r\n"
                + HOST
                + "Content-Length: "
                + body.length()
                + "\r\n"
                + END
                + body;
    }

    private static String sizedBody(int bytes) {
        return post("/size", "x".repeat(bytes));
    }

    private static String chunkedBody(int bytes) {
        int first = bytes / 2;
        return "POST /size HTTP/1.1\r\n"
                + HOST
                + "Transfer-Encoding: chunked\r\n"
                + END
                + chunk(first)
                + chunk(bytes - first)
                + "0\r\n\r\n";
    }

    private static String chunk(int bytes) {
        return Integer.toHexString(bytes) + "\r\n" + "x".repeat(bytes) + "\r\n";
    }

    private static String nested(int depth) {
        return "[".repeat(depth) + "]".repeat(depth);
    }

    /// Five times `v` and once `w` are 4 MiB when `w` has four characters.
    private static String output(int more) {
        String large = "v".repeat((4 * MEBIBYTE - 4) / 5);
        return "{\"v\":\"" + large + "\",\"w\":\"" + "w".repeat(more) + "\"}";
    }

    private static String routes(String api, int count) {
        StringBuilder text = new StringBuilder("{\"api\":\"" + api + "\",\"version\":\"v2\",");
        text.append("\"routes\":[");
        IntStream.range(0, count)
                .forEach(i ->
                        text.append(i == 0 ? "\n" : ",\n")
                                .append("{\"method\":\"GET\",\"path\":\"/r")
                                .append(i)
                                .append("\"}"));
        return text.append("]}\n").toString();
    }

    private static String sized(String api, int bytes) {
        String text =
                "{\"api\":\""
                        + api
                        + "\",\"version\":\"v2\",\"routes\":[{\"method\":\"GET\",\"path\":\"/\"}]}";
        return text + " ".repeat(bytes - text.length());
    }

    private static RawResponse get(String api, String path) {
        return program.send(RawRequest.get(api + ".localhost", path));
    }

    /// Sends these bytes and reads until the server closes.
    private static String exchange(String request) throws IOException {
        try (var socket = new Socket()) {
            socket.setSoTimeout(ANSWER_MILLIS);
            socket.connect(program.traffic(), ANSWER_MILLIS);
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    private static String head(String answer) {
        int end = answer.indexOf("\r\n\r\n");
        return end < 0 ? answer : answer.substring(0, end);
    }

    private static void requireProblem(String answer, int status, String type) {
        assertThat(head(answer))
                .startsWith("HTTP/1.1 " + status + " ")
                .contains("Content-Type: application/problem+json");
        var problem = json(answer.substring(head(answer).length()));
        assertThat(problem.path("type").asString()).isEqualTo("urn:mimicore:problem:" + type);
        assertThat(problem.path("status").asInt()).isEqualTo(status);
    }

    /// Requests that were answered with this status, by the node's own count.
    private static long counted(int status) {
        Pattern line =
                Pattern.compile(
                        "mimicore_http_requests_total\\{[^}]*status=\""
                                + status
                                + "\"[^}]*} (\\S+)");
        Matcher matcher = line.matcher(metrics());
        double sum = 0;
        while (matcher.find()) {
            sum += Double.parseDouble(matcher.group(1));
        }
        return Math.round(sum);
    }

    private static String metrics() {
        try (RawConnection connection = RawConnection.open(program.metrics())) {
            return connection.send(RawRequest.get("localhost", "/metrics")).body();
        }
    }
}
