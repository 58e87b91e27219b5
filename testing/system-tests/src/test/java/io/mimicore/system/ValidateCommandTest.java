package io.mimicore.system;

import static io.mimicore.system.Answers.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.MimicoreCommand.Outcome;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `mimicore validate`: what is wrong, where, and what to do about it.
class ValidateCommandTest {
    private static final String UNKNOWN_FIELD =
            """
            {
              "api": "one",
              "version": "v2",
              "rout": [],
              "routes": [
                {"method": "get", "path": "/a/{x}", "response": {"body": {"v": "{{y}} {{request.path.z}}"}}}
              ]
            }
            """;

    private static final String WRONG_CALLS =
            """
            {
              "api": "two", "version": "v2",
              "user_code": {"inline_source": "package main\\n\\n//export double\\nfunc double(x int32) int32 { return x * 2 }\\n\\nfunc main() {}"},
              "routes": [
                {"method": "GET", "path": "/a/{value}",
                 "transform": {"extract": {"number": {"from": "path.valu", "type": "int"}}},
                 "response": {"body": ["{{dubble(1)}}", "{{double(1, 2)}}", "{{double('x')}}", "{{numbr}}", "{{1 | uper}}", "{{double(}}"]}}
              ]
            }
            """;

    private static final String WRONG_GO =
            """
            {
              "api": "three", "version": "v2",
              "user_code": {
                "inline_source": "package main\\n\\n//export double\\nfunc double(x int32) int32 {\\n\\treturn y * 2\\n}\\n\\nfunc main() {\\n\\tundefined()\\n}\\n"
              },
              "routes": [{"method": "GET", "path": "/", "response": {"body": {"v": "{{double(1)}}"}}}]
            }
            """;

    private static final String RIGHT =
            "{\"api\":\"right\",\"version\":\"v2\",\"routes\":[{\"method\":\"GET\",\"path\":\"/\"}]}\n";

    @TempDir private Path root;
    private Workspace workspace;

    @BeforeEach
    void prepare() {
        workspace = Workspace.in(root);
    }

    @Test
    void validate_rightFiles_isDone() {
        workspace.write("right.json", RIGHT);
        workspace.write("orders_api.json", Workspace.sample("orders_api.json"));
        Outcome outcome = workspace.command().run("validate", "configs");

        assertThat(outcome.exitCode()).as(outcome.out() + outcome.err()).isZero();
        assertThat(outcome.out()).contains("2 files, no errors");
    }

    @Test
    void validate_severalWrongFiles_printsEveryProblemOfAll() {
        workspace.write("one.json", UNKNOWN_FIELD);
        workspace.write("two.json", WRONG_CALLS);
        workspace.write("right.json", RIGHT);
        Outcome outcome = workspace.command().run("validate", "configs");

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(headlines(outcome))
                .containsExactly(
                        """
                        configs/one.json:4:3: error FIELD_UNKNOWN: rout: no field of an API
                        configs/one.json:6:16: error FIELD_VALUE: method: "get" (expected: upper case)
                        configs/one.json:6:71: error NAME_UNKNOWN: y: unknown name (expected: a name that \
                        the route defines; it defines none)
                        configs/one.json:6:90: error NAME_UNKNOWN: request.path.z: not in the route's path \
                        (expected: x)
                        configs/two.json:6:57: error NAME_UNKNOWN: from: "path.valu" (expected: a parameter \
                        of the route's path)
                        configs/two.json:7:31: error FUNCTION_UNKNOWN: dubble(): unknown function \
                        (expected: double)
                        configs/two.json:7:48: error FUNCTION_ARITY: double(): 2 arguments (expected: 1, \
                        func double(int32) int32)
                        configs/two.json:7:75: error ARGUMENT_TYPE: double(): argument 1: "x" (expected: \
                        int32, a whole number in -2147483648..2147483647)
                        configs/two.json:7:87: error NAME_UNKNOWN: numbr: unknown name (expected: number)
                        configs/two.json:7:104: error FILTER_UNKNOWN: uper: unknown filter (expected: one of \
                        json, default, upper, lower, trim, length, first, last, join, replace, url_encode, \
                        base64, round)
                        configs/two.json:7:123: error TEMPLATE_SYNTAX: found }} (expected: a value: a name, a \
                        number, 'text', true, false, null or a call f(x))
                        """
                                .lines()
                                .toArray(String[]::new));
        assertThat(outcome.out()).contains("11 errors in 2 of 3 files");
    }

    @Test
    void validate_problem_showsTheLineTheCaretAndTheHint() {
        workspace.write("one.json", UNKNOWN_FIELD);
        Outcome outcome = workspace.command().run("validate", "configs/one.json");

        assertThat(outcome.out())
                .startsWith(
                        """
                        configs/one.json:4:3: error FIELD_UNKNOWN: rout: no field of an API
                              "rout": [],
                              ^
                        hint: did you mean routes?
                        """);
    }

    @Test
    void validate_wrongNames_suggestsTheNearest() {
        workspace.write("two.json", WRONG_CALLS);
        Outcome outcome = workspace.command().run("validate", "configs/two.json");

        assertThat(outcome.out())
                .contains(
                        "hint: did you mean path.value?",
                        "hint: did you mean double?",
                        "hint: did you mean number?",
                        "hint: did you mean upper?");
    }

    @Test
    void validate_goThatDoesNotCompile_showsTheGoLineAndItsPlaceInTheFile() {
        workspace.write("three.json", WRONG_GO);
        Outcome outcome = workspace.command().run("validate", "configs/three.json");

        assertThat(outcome.exitCode()).isEqualTo(1);
        int column = WRONG_GO.lines().toList().get(3).indexOf("y * 2") + 1;
        int second = WRONG_GO.lines().toList().get(3).indexOf("undefined()") + 1;
        assertThat(headlines(outcome))
                .satisfiesExactly(
                        first ->
                                assertThat(first)
                                        .startsWith(
                                                "configs/three.json:4:"
                                                        + column
                                                        + ": error GO_SOURCE: undefined: y"),
                        last ->
                                assertThat(last)
                                        .startsWith(
                                                "configs/three.json:4:"
                                                        + second
                                                        + ": error GO_SOURCE: undefined: undefined"));
        assertThat(outcome.out())
                .contains("inline_source line 5:\n    \treturn y * 2\n    \t       ^\n")
                .contains("inline_source line 9:\n    \tundefined()\n    \t^\n");
    }

    @Test
    void validate_asJson_isOneDocument() {
        workspace.write("three.json", WRONG_GO);
        workspace.write("right.json", RIGHT);
        Outcome outcome = workspace.command().run("validate", "-o", "json", "configs");

        assertThat(outcome.exitCode()).isEqualTo(1);
        JsonNode document = json(outcome.out());
        assertThat(document.path("files").asInt()).isEqualTo(2);
        assertThat(document.path("errors").asInt()).isEqualTo(2);
        JsonNode problem = document.path("diagnostics").path(0);
        assertThat(problem.path("file").asString()).isEqualTo("configs/three.json");
        assertThat(problem.path("line").asInt()).isEqualTo(4);
        assertThat(problem.path("go_line").asInt()).isEqualTo(5);
        assertThat(problem.path("pointer").asString()).isEqualTo("/user_code/inline_source");
        assertThat(problem.path("severity").asString()).isEqualTo("error");
        assertThat(problem.path("code").asString()).isEqualTo("GO_SOURCE");
    }

    @Test
    void validate_apiOfAnotherFile_isReportedAtItsName() {
        String text = "{\n  \"version\": \"v2\",\n  \"api\": \"twice\", \"routes\": []\n}\n";
        workspace.write("one.json", text);
        workspace.write("two.json", text);
        Outcome outcome = workspace.command().run("validate", "configs");

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(headlines(outcome))
                .containsExactly(
                        "configs/two.json:3:10: error DUPLICATE: api: twice is declared by"
                                + " configs/one.json as well");
    }

    @Test
    void validate_brokenJson_isReportedWithItsPlace() {
        workspace.write("broken.json", "{\n  \"api\": \"broken\",\n  \"version\": v2\n}\n");
        Outcome outcome = workspace.command().run("validate", "configs/broken.json");

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(headlines(outcome).getFirst())
                .startsWith("configs/broken.json:3:14: error JSON_SYNTAX: ");
    }

    @Test
    void validate_noSuchFile_isRefused() {
        Outcome outcome = workspace.command().run("validate", "configs/none.json");

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(headlines(outcome).getFirst())
                .startsWith("configs/none.json:1:1: error FILE_UNREADABLE: ");
    }

    @Test
    void validate_wrongUsage_exitsWith2() {
        assertThat(workspace.command().run("validate").exitCode()).isEqualTo(2);
        assertThat(workspace.command().run("validate", "--no-such", "configs").exitCode())
                .isEqualTo(2);
        Outcome unknown = workspace.command().run("valdate", "configs");
        assertThat(unknown.exitCode()).isEqualTo(2);
        assertThat(unknown.err()).contains("validate");
    }

    @Test
    void get_nobodyListens_exitsWith3() {
        Outcome outcome = workspace.command().run("get", "apis", "--admin", "127.0.0.1:1");

        assertThat(outcome.exitCode()).isEqualTo(3);
        assertThat(outcome.err()).contains("127.0.0.1:1", "cannot be reached");
    }

    private static List<String> headlines(Outcome outcome) {
        return outcome.out()
                .lines()
                .filter(line -> line.startsWith("configs/") && line.contains(": error "))
                .toList();
    }
}
