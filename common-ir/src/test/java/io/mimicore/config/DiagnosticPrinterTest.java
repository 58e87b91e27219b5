package io.mimicore.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.build.SourceProblem;
import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.diagnostics.Place;
import java.util.List;
import org.junit.jupiter.api.Test;

class DiagnosticPrinterTest {
    @Test
    void print_problem_showsLineCaretAndHint() {
        assertThat(printed("{\n\t\"api\": \"a\",\n\t \"versio\": \"v2\", \"routes\": []\n}"))
                .isEqualTo(
                        """
                        a.json:1:1: error FIELD_MISSING: version: missing (expected: "v2")
                            {
                            ^

                        a.json:3:3: error FIELD_UNKNOWN: versio: no field of an API
                            \t "versio": "v2", "routes": []
                            \t ^
                        hint: did you mean version?
                        """);
    }

    @Test
    void print_goProblem_showsTheLineOfGoToo() {
        ConfigFile file =
                file(
                        """
                        { "api": "a", "version": "v2", "routes": [],
                          "user_code": { "inline_source": "package main\\n\\nfunc f() {\\n\\tx := \\"é\\" + y\\n}\\n" } }
                        """);
        ConfigDocument document = ((ReadOutcome.Read) ConfigReader.read(file)).document();
        SourceProblem problem = new SourceProblem(4, 14, "GO_TYPE", "undefined: y", "declare it");

        CompileOutcome outcome =
                ConfigCompiler.compile(document, new CodeState.Rejected(List.of(problem)));

        assertThat(DiagnosticPrinter.of(file).print(outcome.diagnostics()))
                .isEqualTo(
                        """
                        a.json:2:79: error GO_SOURCE: undefined: y (GO_TYPE)
                              "user_code": { "inline_source": "package main\\n\\nfunc f() {\\n\\tx := \\"é\\" + y\\n}\\n" } }
                                                                                                          ^
                        inline_source line 4:
                            \tx := "é" + y
                            \t           ^
                        hint: declare it
                        """);
    }

    @Test
    void print_longLine_isCutAroundTheCaret() {
        String line = "0123456789".repeat(30);
        ConfigFile file = file(line);

        assertThat(printAt(file, 151))
                .isEqualTo(
                        "a.json:1:151: error LIMIT: x\n    …"
                                + line.substring(100, 200)
                                + "…\n     "
                                + " ".repeat(50)
                                + "^\n");
        assertThat(printAt(file, 1))
                .isEqualTo(
                        "a.json:1:1: error LIMIT: x\n    " + line.substring(0, 100) + "…\n    ^\n");
        assertThat(printAt(file, 301))
                .isEqualTo(
                        "a.json:1:301: error LIMIT: x\n    …"
                                + line.substring(200)
                                + "\n     "
                                + " ".repeat(100)
                                + "^\n");
    }

    @Test
    void print_longLineOfPairs_cutsNoneOfThem() {
        String printed = printAt(file("😀".repeat(200)), 201);

        assertThat(printed.chars().filter(c -> c == 0xd83d).count())
                .isEqualTo(printed.chars().filter(c -> c == 0xde00).count());
        assertThat(printed).endsWith("\n    " + " ".repeat(26) + "^\n");
    }

    @Test
    void print_fileThatIsNotUtf8_showsTheLine() {
        ConfigFile file = new ConfigFile("a.json", new byte[] {'{', '"', (byte) 0xe9, '"', '}'});

        assertThat(DiagnosticPrinter.of(file).print(ConfigReader.read(file).diagnostics()))
                .isEqualTo(
                        """
                        a.json:1:3: error FILE_ENCODING: file: not UTF-8 from here on (expected: UTF-8)
                            {"\ufffd"}
                              ^
                        hint: save the file as UTF-8
                        """);
    }

    @Test
    void print_placeBeyondTheFile_showsNoLine() {
        Diagnostic diagnostic =
                Diagnostic.error(Place.of("a.json", 9, 3, ""), DiagnosticCode.LIMIT, "x", "");

        assertThat(DiagnosticPrinter.of(file("{}")).print(diagnostic))
                .isEqualTo("a.json:9:3: error LIMIT: x\n");
    }

    private static String printAt(ConfigFile file, int column) {
        return DiagnosticPrinter.of(file)
                .print(
                        Diagnostic.error(
                                Place.of("a.json", 1, column, ""), DiagnosticCode.LIMIT, "x", ""));
    }

    private static String printed(String json) {
        ConfigFile file = file(json);
        return DiagnosticPrinter.of(file).print(ConfigReader.read(file).diagnostics());
    }

    private static ConfigFile file(String json) {
        return new ConfigFile("a.json", json.getBytes(UTF_8));
    }
}
