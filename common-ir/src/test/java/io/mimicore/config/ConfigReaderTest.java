package io.mimicore.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.diagnostics.Place;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigReaderTest {
    @Test
    void read_fileWithByteOrderMark_countsColumnsBehindIt() {
        assertThat(read("\uFEFF{ \"api\": 5 }").diagnostics())
                .first()
                .satisfies(problem -> assertThat(problem.place().column()).isEqualTo(1));
        assertThat(read("\uFEFF{\"api\":\"a\",\"version\":\"v2\",\"routes\":[]}").diagnostics())
                .isEmpty();
    }

    @Test
    void read_wideCharacters_countsUtf16Units() {
        Diagnostic problem =
                only(
                        read(
                                "{ \"_\": \"é😀\", \"api\": \"a\", \"version\": \"v2\", \"routes\": 1 }"));

        assertThat(problem.place().column())
                .isEqualTo(
                        "{ \"_\": \"é😀\", \"api\": \"a\", \"version\": \"v2\", \"routes\": "
                                        .length()
                                + 1);
    }

    @Test
    void apiPlace_isTheNamesValueOrTheBeginningOfAV1File() {
        assertThat(apiPlace("{ \"version\": \"v2\",\n  \"api\": \"a\", \"routes\": [] }"))
                .isEqualTo(Place.of("a.json", 2, 10, "/api"));
        assertThat(apiPlace("[]")).isEqualTo(Place.of("a.json", 1, 1, ""));
    }

    private static Place apiPlace(String text) {
        return ((ReadOutcome.Read) read(text)).document().apiPlace();
    }

    @Test
    void read_windowsLineEnds_areOneLineEach() {
        Diagnostic problem =
                only(read("{\r\n\"api\": \"a\",\r\n\"version\": \"v2\",\r\n\"routes\": 1 }"));

        assertThat(problem.place().line()).isEqualTo(4);
        assertThat(problem.place().column()).isEqualTo(11);
    }

    @Test
    void read_namesInPointers_areEscaped() {
        Diagnostic problem =
                only(
                        read(
                                """
                                { "api": "a", "version": "v2", "routes": [ { "method": "GET", "path": "/",
                                  "validate": { "query": { "a/b~c": 5 } } } ] }
                                """));

        assertThat(problem.place().pointer()).isEqualTo("/routes/0/validate/query/a~1b~0c");
    }

    @ParameterizedTest
    @CsvSource({
        "'{ \"api\": \"shop\", \"routes\": [ }', shop",
        "'{ \"api\": \"shop\" \"x\"', shop",
        "'{ \"x\": { \"api\": \"inner\" }, ]', ''",
        "'{ \"api\": \"Not A Name\", ]', ''",
        "'{ \"ap\": 5', ''",
    })
    void read_brokenFile_knowsTheApiThatStoodBefore(String json, String api) {
        ReadOutcome outcome = read(json);

        assertThat(outcome).isInstanceOf(ReadOutcome.Unreadable.class);
        assertThat(((ReadOutcome.Unreadable) outcome).api()).isEqualTo(api.isEmpty() ? null : api);
    }

    @Test
    void read_wrongConfigOfKnownApi_isADocumentAllTheSame() {
        ReadOutcome outcome = read("{ \"api\": \"shop\", \"routes\": 5 }");

        assertThat(outcome).isInstanceOf(ReadOutcome.Read.class);
        assertThat(((ReadOutcome.Read) outcome).document().api()).isEqualTo("shop");
    }

    @Test
    void document_withCode_tellsWhatToBuildAndTheLimits() {
        ConfigDocument document =
                document(
                        """
                        { "api": "shop", "version": "v2", "routes": [], "user_code": {
                          "inline_source": "package main\\n", "toolchain": "tinygo", "timeout_ms": 7,
                          "max_memory_mb": 8, "min_instances": 0, "max_instances": 9 } }
                        """);

        assertThat(document.code())
                .isEqualTo(new CodeSource.Inline("package main\n", CodeSource.Toolchain.TINYGO));
        assertThat(document.poolLimits()).isEqualTo(new PoolLimits(7, 8, 0, 9));
    }

    @Test
    void document_withoutLimits_hasTheDefaults() {
        ConfigDocument document =
                document(
                        """
                        { "api": "shop", "version": "v2", "routes": [],
                          "user_code": { "source": "a/b.wasm" } }
                        """);

        assertThat(document.code())
                .isEqualTo(new CodeSource.File("a/b.wasm", CodeSource.Toolchain.AUTO));
        assertThat(document.poolLimits()).isEqualTo(new PoolLimits(100, 64, 1, 16));
    }

    @Test
    void compile_withStateThatDoesNotBelong_isRefused() {
        ConfigDocument document =
                document("{ \"api\": \"shop\", \"version\": \"v2\", \"routes\": [] }");

        assertThatThrownBy(() ->
                        ConfigCompiler.compile(document, new CodeState.Unavailable("no worker")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("NoCode");
    }

    @ParameterizedTest
    @ValueSource(ints = {10_000, 10_001})
    void read_routesUpToTheLimit_areAccepted(int count) {
        String routes =
                IntStream.range(0, count)
                        .mapToObj(
                                i -> "{\"method\":\"GET\",\"path\":\"/" + i + "\",\"response\":1}")
                        .collect(Collectors.joining(",", "[", "]"));

        // Without `response` inside a v1 route's scope, the same list is v2's.
        String v2 =
                "{\"api\":\"a\",\"version\":\"v2\",\"routes\":"
                        + routes.replace(",\"response\":1", "")
                        + "}";

        for (String json : List.of(routes, v2)) {
            assertThat(read(json).diagnostics().stream().map(Diagnostic::code))
                    .isEqualTo(count > 10_000 ? List.of(DiagnosticCode.LIMIT) : List.of());
        }
    }

    @Test
    void read_fileOfNothingButProblems_keepsThoseThatSomeoneMayRead() {
        String json =
                IntStream.range(0, 100_000)
                        .mapToObj(i -> "\"zz" + i + "\":0")
                        .collect(Collectors.joining(",", "{\"api\":\"a\",", "}"));

        List<Diagnostic> problems = read(json).diagnostics();

        assertThat(problems).hasSize(Problems.KEPT_MAX + 1);
        assertThat(problems.getLast().code()).isEqualTo(DiagnosticCode.LIMIT);
    }

    @Test
    void compile_longestChainOfCalls_isNoRing() {
        String calls =
                IntStream.range(0, 4_096)
                        .mapToObj(i ->
                                "{\"name\":\"c"
                                        + i
                                        + "\",\"url\":\"http://a/{{c"
                                        + (i + 1)
                                        + "}}\"}")
                        .collect(Collectors.joining(",", "[", "]"))
                        .replace("{{c4096}}", "");
        String json =
                "{\"api\":\"a\",\"version\":\"v2\",\"routes\":[{\"method\":\"GET\",\"path\":\"/\","
                        + "\"transform\":{\"http\":"
                        + calls
                        + "}}]}";

        assertThat(read(json).diagnostics()).isEmpty();
        assertThat(read(json.replace("http://a/\"", "http://a/{{c0}}\"")).diagnostics())
                .singleElement()
                .satisfies(problem ->
                        assertThat(problem.message())
                                .isEqualTo(
                                        "calls: c0 → c1 → c2 → c3 → c4 → c5 → c6 → c7 → c8 → … →"
                                                + " c4095 → c0 (expected: no call waits for"
                                                + " itself)"));
    }

    @ParameterizedTest
    @ValueSource(ints = {4_096, 4_097})
    void read_namesUpToTheLimit_areAccepted(int count) {
        String extract =
                IntStream.range(0, count)
                        .mapToObj(i -> "\"v" + i + "\":{\"from\":\"query.q\"}")
                        .collect(Collectors.joining(",", "{", "}"));
        String json =
                "{\"api\":\"a\",\"version\":\"v2\",\"routes\":[{\"method\":\"GET\",\"path\":\"/\","
                        + "\"transform\":{\"extract\":"
                        + extract
                        + "}}]}";

        assertThat(read(json).diagnostics().stream().map(Diagnostic::code))
                .isEqualTo(count > 4_096 ? List.of(DiagnosticCode.LIMIT) : List.of());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[",
                "{\"a\":",
                "\"",
                "\"\\",
                "\"\\u12",
                "-",
                "1e",
                "tru",
                "{\"a\"",
                "[1,",
                "[1",
                "/",
                "{\"a\":1,",
                "nul",
                "]",
                "{}}",
                "\u0000",
                "{\"a\" 1}",
                "[\"a\" \"b\"]",
                "{\"a\":\"\\x\"}",
                "{\"\\x\":1}",
                "'a'",
                "[+1]",
                "[.5]",
                "[1.e5]",
                "[0x10]",
                "[NaN]",
                "{a:1}",
                "{1:1}",
                "\u00a0{}"
            })
    void read_anyBrokenText_hasOneFaultInsideTheFile(String json) {
        Diagnostic problem = only(read(json));

        assertThat(problem.code()).isEqualTo(DiagnosticCode.JSON_SYNTAX);
        assertThat(problem.place().line()).isEqualTo(1);
        assertThat(problem.place().column()).isBetween(1, json.length() + 1);
        assertThat(problem.message()).doesNotContain("not JSON from here on");
    }

    private static Diagnostic only(ReadOutcome outcome) {
        assertThat(outcome.diagnostics()).hasSize(1);
        return outcome.diagnostics().getFirst();
    }

    private static ConfigDocument document(String json) {
        return ((ReadOutcome.Read) read(json)).document();
    }

    private static ReadOutcome read(String json) {
        return ConfigReader.read(new ConfigFile("a.json", json.getBytes(UTF_8)));
    }
}
