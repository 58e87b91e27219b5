package io.mimicore.system;

import static io.mimicore.system.Answers.body;
import static io.mimicore.system.Answers.json;
import static io.mimicore.system.Answers.problem;
import static io.mimicore.system.Answers.violations;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawRequest;
import io.mimicore.testkit.process.RawResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// What the product's own samples promise in their descriptions.
class SampleBehaviourTest {
    private static final String HELLO = "hello_api.localhost";
    private static final String QUOTES = "quotes_api.localhost";
    private static final String SHAPES = "shapes_api.localhost";
    private static final String FILES = "files.localhost";

    @TempDir private static Path root;
    private static MimicoreProcess program;

    @BeforeAll
    static void start() {
        Workspace workspace = Workspace.in(root);
        workspace.copyFrom(Workspace.sampleConfigs());
        program = workspace.program().start();
    }

    @AfterAll
    static void stop() {
        program.close();
    }

    @Test
    void hello_pathAndQuery_areFiltered() {
        assertThat(body(get(HELLO, "/hello/%20Ada%20?tea=mint")))
                .isEqualTo(json("{\"greeting\":\"Hello Ada!\",\"tea\":\"MINT\"}"));
        assertThat(body(get(HELLO, "/hello/J%C3%BCrgen")))
                .isEqualTo(json("{\"greeting\":\"Hello Jürgen!\",\"tea\":\"GREEN\"}"));
    }

    @Test
    void hello_textBody_isSentAsText() {
        RawResponse badge = get(HELLO, "/hello/J%C3%BCrgen/badge.txt");

        assertThat(badge.body()).isEqualTo("*** JÜRGEN ***\n");
        assertThat(badge.header("Content-Type")).startsWith("text/plain");
        assertThat(badge.header("X-Length")).isEqualTo("6");
    }

    @Test
    void hello_echo_returnsTheBodyAsItIs() {
        RawRequest request =
                RawRequest.post(HELLO, "/echo", "{\"items\":[{\"a\":[1,2.5,null]},\"b\"]}")
                        .header("User-Agent", "\"test\"");

        assertThat(body(program.send(request)))
                .isEqualTo(
                        json(
                                "{\"you_sent\":{\"items\":[{\"a\":[1,2.5,null]},\"b\"]},"
                                        + "\"first\":\"{\\\"a\\\":[1,2.5,null]}\",\"by\":\"\\\"test\\\"\"}"));
    }

    @Test
    void hello_allowedOrigin_isAllowedWithCredentials() {
        RawRequest request =
                RawRequest.get(HELLO, "/hello/Ada").header("Origin", "https://shop.example");
        RawResponse response = program.send(request);

        assertThat(response.header("Access-Control-Allow-Origin"))
                .isEqualTo("https://shop.example");
        assertThat(response.header("Access-Control-Allow-Credentials")).isEqualTo("true");
        assertThat(response.header("Vary")).contains("Origin");
    }

    @Test
    void hello_otherOrigin_isNotAllowed() {
        RawRequest request =
                RawRequest.get(HELLO, "/hello/Ada").header("Origin", "https://evil.example");
        RawResponse response = program.send(request);

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.has("Access-Control-Allow-Origin")).isFalse();
    }

    @Test
    void hello_preflight_isAnswered() {
        RawRequest request =
                RawRequest.of("OPTIONS", HELLO, "/echo")
                        .header("Origin", "http://localhost:3000")
                        .header("Access-Control-Request-Method", "POST")
                        .header("Access-Control-Request-Headers", "content-type");
        RawResponse response = program.send(request);

        assertThat(response.status()).isEqualTo(204);
        assertThat(response.header("Access-Control-Allow-Origin"))
                .isEqualTo("http://localhost:3000");
        assertThat(response.header("Access-Control-Allow-Methods")).contains("POST");
        assertThat(response.header("Access-Control-Allow-Headers")).isEqualTo("content-type");
        assertThat(response.header("Access-Control-Max-Age")).isEqualTo("600");
    }

    @Test
    void quotes_order_isQuotedByOrdinaryGo() {
        String order =
                "{\"customer\":{\"name\":\"Ada\",\"country\":\"DE\",\"tags\":[\"z\",\"a\"]},\"lines\":["
                        + "{\"sku\":\"tea\",\"count\":2,\"price\":4.5},{\"sku\":\"cup\",\"count\":1,\"price\":11}]}";
        RawResponse response = program.send(RawRequest.post(QUOTES, "/quotes", order));

        assertThat(response.status()).isEqualTo(201);
        assertThat(body(response))
                .isEqualTo(
                        json(
                                "{\"quote\":{\"greeting\":\"Grüß Gott, Ada!\",\"items\":3,\"total\":18,"
                                        + "\"by_sku\":{\"cup\":11,\"tea\":9},\"discount\":2,\"tags\":[\"a\",\"z\"]},"
                                        + "\"for\":\"Ada (2 lines)\"}"));
    }

    @Test
    void quotes_errorOfGo_isTheDetail() {
        String order =
                "{\"customer\":{\"name\":\"Ada\"},\"lines\":[{\"sku\":\"tea\",\"count\":0,\"price\":1}]}";
        JsonNode problem =
                problem(
                        program.send(RawRequest.post(QUOTES, "/quotes", order)),
                        500,
                        "code-failed");

        assertThat(problem.path("detail").asString())
                .isEqualTo("quote: line 1: 0 of tea (expected: at least 1)");
    }

    @Test
    void quotes_nestedCallsAndUnicode_arePrinted() {
        assertThat(body(get(QUOTES, "/greetings/ada%20k%C3%B6nig?country=jp")))
                .isEqualTo(json("{\"text\":\"ada königさん、こんにちは\",\"short\":\"AKさん、こんにちは\"}"));
    }

    @Test
    void quotes_namedCall_isSharedByTemplates() {
        assertThat(body(get(QUOTES, "/banners/%F0%9F%98%80-")))
                .isEqualTo(json("{\"banner\":\"😀-😀-😀-\",\"length\":6}"));
        assertThat(
                        violations(
                                problem(
                                        get(QUOTES, "/banners/x?times=many"),
                                        400,
                                        "invalid-request")))
                .containsExactly("query times type");
        assertThat(
                        problem(get(QUOTES, "/banners/x?times=101"), 500, "code-failed")
                                .path("detail")
                                .asString())
                .isEqualTo("repeat: times: 101 (expected: 0..100)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/area/3/4.5 | {\"area\":13.5,\"rounded\":\"13.5\",\"diagonal\":5.41}",
                "/gcd/12/18446744073709551612 | {\"gcd\":12}",
                "/signed/-7 | {\"negated\":7,\"half\":-3,\"even\":false,\"odd_or_not\":false}",
                "/clamp/500 | {\"clamped\":100,\"fixed\":5}",
                "/clamp/-9?low=-8 | {\"clamped\":-8,\"fixed\":-5}",
                "/ones/4294967295 | {\"ones\":32}",
                "/byte/1 | {\"complement\":254}",
                "/both/true/false | {\"both\":false}",
            })
    void shapes_numbers_arePassedAsTheyAre(String path, String expected) {
        assertThat(body(get(SHAPES, path))).isEqualTo(json(expected));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/byte/256", "/byte/-1", "/ones/4294967296", "/clamp/2147483648"})
    void shapes_argumentOutOfRange_isRefused(String path) {
        problem(get(SHAPES, path), 400, "code-argument");
    }

    @Test
    void files_restOfThePath_isTaken() {
        RawResponse response = get(FILES, "/files/2026/a%20b/report.pdf");

        assertThat(body(response))
                .isEqualTo(json("{\"path\":\"2026/a b/report.pdf\",\"host\":\"files.localhost\"}"));
        assertThat(response.header("ETag")).isEqualTo("\"MjAyNi9hIGIvcmVwb3J0LnBkZg==\"");
    }

    @Test
    void files_literal_winsOverTheRest() {
        RawResponse response = get("eu.cdn.localhost", "/files/readme");

        assertThat(response.body()).startsWith("# Files\n");
        assertThat(response.header("Content-Type")).isEqualTo("text/markdown; charset=utf-8");
    }

    @Test
    void files_head_isAnsweredByGet() {
        RawResponse head = program.send(RawRequest.of("HEAD", FILES, "/files/a"));
        RawResponse get = get(FILES, "/files/a");

        assertThat(head.status()).isEqualTo(200);
        assertThat(head.header("Content-Length")).isEqualTo(get.header("Content-Length"));
        assertThat(head.header("ETag")).isEqualTo(get.header("ETag"));
        assertThat(head.body()).isEmpty();
    }

    @Test
    void files_options_namesTheMethods() {
        RawResponse response = program.send(RawRequest.of("OPTIONS", FILES, "/files/a"));

        assertThat(response.status()).isEqualTo(204);
        assertThat(response.header("Allow").split(", "))
                .containsExactlyInAnyOrder("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS");
    }

    @Test
    void files_methods_areTold() {
        RawResponse put =
                program.send(RawRequest.of("PUT", FILES, "/files/a/b?mode=append").body("text"));
        assertThat(put.status()).isEqualTo(201);
        assertThat(put.body()).isEqualTo("PUT a/b append\n");
        assertThat(put.header("Location")).isEqualTo("/files/a/b");
        assertThat(program.send(RawRequest.of("DELETE", FILES, "/files/a/b")).status())
                .isEqualTo(204);
        RawResponse post = program.send(RawRequest.post(FILES, "/files/a/b", "{}"));
        problem(post, 405, "method-not-allowed");
        assertThat(post.header("Allow")).contains("GET", "PUT");
    }

    @Test
    void files_anyMethod_isMirrored() {
        RawRequest request =
                RawRequest.of("PROPFIND", FILES, "/mirror").header("Cookie", "a=b; session=s-1");

        assertThat(body(program.send(request)))
                .isEqualTo(json("{\"method\":\"PROPFIND\",\"cookie\":\"s-1\"}"));
    }

    private static RawResponse get(String host, String target) {
        return program.send(RawRequest.get(host, target));
    }
}
