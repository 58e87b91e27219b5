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
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/// Templates in responses: whatever the values are, JSON stays JSON.
class TemplateRenderingTest {
    private static final String HOST = "templates.localhost";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private static final String CODE =
            """
            import "strings"

            //export double
            func double(x int64) int64 { return x * 2 }

            //export add
            func add(a, b int64) int64 { return a + b }

            //export quote
            func quote(text string) string { return "\\"" + text + "\\"" }

            //export parts
            func parts(text string) map[string]any {
            	return map[string]any{"words": strings.Fields(text), "size": len(text)}
            }
            """;

    private static final String BODY =
            """
            {
              "plain": "static",
              "object": {"deep": [{"er": "{{v}}"}, ["{{v}}", 1, null, true, 2.50]]},
              "several": "<{{v}}|{{request.body.n | default('-')}}|{{ v }}>",
              "value": "{{request.body.v | json}}",
              "in_text": "v={{request.body.v | json}}",
              "braces": "{{'{{'}}v}}",
              "escape\\"d \\u00fc": "{{v}}"
            }
            """;

    @TempDir private static Path root;
    private static MimicoreProcess program;

    @BeforeAll
    static void start() {
        Workspace workspace = Workspace.in(root);
        workspace.write("templates.json", api());
        program = workspace.program().start();
    }

    @AfterAll
    static void stop() {
        program.close();
    }

    private static String api() {
        String extract =
                "{\"v\":{\"from\":\"body.v\",\"default\":null},\"id\":{\"from\":\"header.X-Id\",\"default\":\"none\"}}";
        return ApiText.of("templates")
                .code(CODE)
                .limits("{\"timeout_ms\":2000}")
                .route(
                        "{\"method\":\"POST\",\"path\":\"/all\",\"transform\":{\"extract\":"
                                + extract
                                + "},\"response\":{\"headers\":{\"X-Seen\":\"id={{id}}\"},\"body\":"
                                + BODY
                                + "}}")
                .get(
                        "/nested/{x}",
                        "{\"text\":\"{{double(add(double(request.path.x), 1))}}\","
                                + "\"value\":\"{{add(double(2), double(request.path.x)) | json}}\","
                                + "\"both\":\"{{double(1)}}+{{double(2)}}\"}")
                .post(
                        "/code",
                        "{\"quoted\":\"{{quote(request.body.t)}}\",\"twice\":\"{{quote(quote(request.body.t))}}\","
                                + "\"words\":\"{{parts(request.body.t) | json}}\"}")
                .post(
                        "/filters",
                        "{\"upper\":\"{{request.body.s | upper}}\",\"lower\":\"{{request.body.s | lower}}\","
                                + "\"trim\":\"{{request.body.s | trim}}\",\"length\":\"{{request.body.s | length | json}}\","
                                + "\"first\":\"{{request.body.a | first}}\",\"last\":\"{{request.body.a | last | json}}\","
                                + "\"join\":\"{{request.body.a | join('; ')}}\",\"size\":\"{{request.body.a | length}}\","
                                + "\"replace\":\"{{request.body.s | replace('ä', 'ae') | trim}}\","
                                + "\"url\":\"{{request.body.s | url_encode}}\",\"base64\":\"{{request.body.s | base64}}\","
                                + "\"round\":\"{{request.body.f | round(1) | json}}\",\"whole\":\"{{request.body.f | round}}\","
                                + "\"default\":\"{{request.body.none | default('n/a')}}\","
                                + "\"chain\":\"{{request.body.none | default('x y') | upper | replace(' ', '')}}\"}")
                .get(
                        "/missing",
                        "{\"text\":\"[{{request.query.q}}]\",\"json\":\"{{request.query.q | json}}\","
                                + "\"upper\":\"{{request.query.q | upper}}\",\"header\":\"{{request.header.X-None | json}}\","
                                + "\"cookie\":\"{{request.cookie.none}}\"}")
                .post(
                        "/paths",
                        "{\"a\":\"{{request.body.a.b[1].c}}\",\"far\":\"{{request.body.a.b[9].c | json}}\","
                                + "\"odd\":\"{{request.body['x y'] | json}}\",\"none\":\"{{request.body.a.b.c.d}}\"}")
                .route(
                        "{\"method\":\"POST\",\"path\":\"/text\",\"response\":{\"body\":\"{{request.body.v}}\"}}")
                .text();
    }

    @Test
    void body_everyPlace_isRendered() {
        RawResponse response = post("/all", "{\"v\":\"x\",\"n\":2}");

        assertThat(body(response))
                .isEqualTo(
                        json(
                                "{\"plain\":\"static\",\"object\":{\"deep\":[{\"er\":\"x\"},[\"x\",1,null,true,2.50]]},"
                                        + "\"several\":\"<x|2|x>\",\"value\":\"x\",\"in_text\":\"v=\\\"x\\\"\","
                                        + "\"braces\":\"{{v}}\",\"escape\\\"d ü\":\"x\"}"));
        assertThat(response.header("X-Seen")).isEqualTo("id=none");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"",
                "\\",
                "\",\"injected\":\"1",
                "</script><!--",
                "\n\r\t\b\f\u0000\u001f\u007f\u0080\u2028\u2029",
                "😀👩‍🚀e\u0301",
                "{{v}}",
                "{{double(2)}}",
                "' OR 1=1 --",
                "\ufeff",
            })
    void value_ofAnyCharacters_leavesTheJsonValid(String value) {
        ObjectNode request = MAPPER.createObjectNode().put("v", value);
        var body = body(post("/all", request.toString()));

        assertThat(body.propertyNames())
                .containsExactly(
                        "plain", "object", "several", "value", "in_text", "braces", "escape\"d ü");
        assertThat(body.path("value").asString()).isEqualTo(value);
        assertThat(body.at("/object/deep/0/er").asString()).isEqualTo(value);
        assertThat(body.path("several").asString()).isEqualTo("<" + value + "|-|" + value + ">");
        assertThat(json(body.path("in_text").asString().substring(2)).asString()).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1.50                  | 1.5",
                "-0                    | 0",
                "12345678901234567890  | 12345678901234567890",
                "true                  | true",
                "null                  | ''",
                "[1,\"a\",{\"b\":null}] | [1,\"a\",{\"b\":null}]",
                "{\"x\":[]}            | {\"x\":[]}",
                "\"\"                  | ''",
            })
    void value_ofAnyKind_printsInTextAndAsJson(String value, String text) {
        var body = body(post("/all", "{\"v\":" + value + "}"));

        assertThat(body.path("value")).isEqualTo(json(value.equals("-0") ? "0" : value));
        assertThat(body.at("/object/deep/1/0").asString()).isEqualTo(text);
    }

    @Test
    void header_value_isRenderedAndCannotBreakOut() {
        RawRequest request = RawRequest.post(HOST, "/all", "{}").header("X-Id", "a\"b; c");
        assertThat(program.send(request).header("X-Seen")).isEqualTo("id=a\"b; c");
    }

    @Test
    void calls_nested_areMadeInsideOut() {
        assertThat(body(get("/nested/5")))
                .isEqualTo(json("{\"text\":\"22\",\"value\":14,\"both\":\"2+4\"}"));
    }

    @Test
    void calls_textsOfCode_areEscapedOnce() {
        String text = "a\"b\\c\nd ü";
        var body = body(post("/code", MAPPER.createObjectNode().put("t", text).toString()));

        assertThat(body.path("quoted").asString()).isEqualTo("\"" + text + "\"");
        assertThat(body.path("twice").asString()).isEqualTo("\"\"" + text + "\"\"");
        assertThat(body.path("words"))
                .isEqualTo(json("{\"size\":10,\"words\":[\"a\\\"b\\\\c\",\"d\",\"ü\"]}"));
    }

    @Test
    void filters_each_doWhatTheySay() {
        assertThat(body(post("/filters", "{\"s\":\" Bär/ß \",\"a\":[1,\"zwei\",null],\"f\":2.25}")))
                .isEqualTo(
                        json(
                                "{\"upper\":\" BÄR/SS \",\"lower\":\" bär/ß \",\"trim\":\"Bär/ß\",\"length\":7,"
                                        + "\"first\":\"1\",\"last\":null,\"join\":\"1; zwei; \",\"size\":\"3\","
                                        + "\"replace\":\"Baer/ß\",\"url\":\"%20B%C3%A4r%2F%C3%9F%20\","
                                        + "\"base64\":\"IELDpHIvw58g\",\"round\":2.3,\"whole\":\"2\",\"default\":\"n/a\","
                                        + "\"chain\":\"XY\"}"));
    }

    @Test
    void path_missing_printsNothingAndIsNullAsJson() {
        assertThat(get("/missing").body())
                .isEqualTo(
                        "{\"text\":\"[]\",\"json\":null,\"upper\":\"\",\"header\":null,\"cookie\":\"\"}");
    }

    @Test
    void path_intoABody_takesArraysAndOddNames() {
        assertThat(body(post("/paths", "{\"a\":{\"b\":[0,{\"c\":\"here\"}]},\"x y\":[1]}")))
                .isEqualTo(json("{\"a\":\"here\",\"far\":null,\"odd\":[1],\"none\":\"\"}"));
    }

    @Test
    void text_body_isSentUnescaped() {
        RawResponse response = post("/text", "{\"v\":\"a\\\"b\\n<ü>\"}");

        assertThat(response.body()).isEqualTo("a\"b\n<ü>");
        assertThat(response.header("Content-Type")).isEqualTo("text/plain; charset=utf-8");
    }

    @Test
    void body_thatIsNoJson_isWrongOnlyWhereItIsExtracted() {
        assertThat(post("/paths", "{nope").body())
                .isEqualTo("{\"a\":\"\",\"far\":null,\"odd\":null,\"none\":\"\"}");
        assertThat(violations(problem(post("/all", "{nope"), 400, "invalid-request")))
                .containsExactly("body  syntax");
    }

    private static RawResponse get(String target) {
        return program.send(RawRequest.get(HOST, target));
    }

    private static RawResponse post(String target, String body) {
        return program.send(RawRequest.post(HOST, target, body));
    }
}
