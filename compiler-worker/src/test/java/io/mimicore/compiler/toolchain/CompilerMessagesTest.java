package io.mimicore.compiler.toolchain;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.build.SourceProblem;
import io.mimicore.ir.FunctionSignature;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompilerMessagesTest {
    private static final Inspection INSPECTION =
            new Inspection(
                    List.of(),
                    List.of(
                            new Inspection.InspectedFunction(
                                    new FunctionSignature.Json(
                                            "greet", List.of("string"), true, false),
                                    7,
                                    6)),
                    "",
                    """
                    package main

                    func mimicoreABI_alloc(size uint32) uint32 {
                    	return 0
                    }

                    func mimicoreABI_json_greet[P0, R any](function func(P0) R) (packed uint64) {
                    	var p0 P0
                    	return function(p0)
                    }
                    """);

    @Test
    void parse_goOutput_placesEveryProblem() {
        assertThat(
                        parse(
                                """
                                # usercode
                                ./main.go:5:9: undefined: x
                                ./main.go:7:2: cannot use f() (value of type int) as string value
                                	have (number)
                                	want (string)
                                ./main.go:9: no column here
                                """))
                .containsExactly(
                        problem(5, 9, "undefined: x"),
                        problem(
                                7,
                                2,
                                "cannot use f() (value of type int) as string value; have (number);"
                                        + " want (string)"),
                        problem(9, 0, "no column here"));
    }

    @Test
    void parse_tinygoOutput_readsAbsoluteAndBareNames() {
        assertThat(
                        parse(
                                """
                                main.go:5:9: undefined: x
                                /tmp/build/code/main.go:6:1: missing return
                                """))
                .extracting(SourceProblem::line, SourceProblem::message)
                .containsExactly(
                        org.assertj.core.api.Assertions.tuple(5, "undefined: x"),
                        org.assertj.core.api.Assertions.tuple(6, "missing return"));
    }

    @Test
    void parse_problemInTheGeneratedFile_isPutDownToItsFunction() {
        assertThat(parse("./mimicore_abi.go:9:9: cannot use mimicoreABI_x as uint64\n"))
                .containsExactly(
                        new SourceProblem(
                                7,
                                6,
                                "GO_EXPORT",
                                "func greet cannot be exported: cannot use x as uint64",
                                "use parameter and result types that encoding/json can carry"));
    }

    @Test
    void parse_problemInTheGeneratedFileAboveAnyFunction_hasNoPlace() {
        assertThat(parse("./mimicore_abi.go:4:2: mimicoreABI_y redeclared\n"))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.line()).isZero();
                    assertThat(problem.message()).doesNotContain("mimicore");
                });
    }

    @Test
    void parse_otherOutput_isEmpty() {
        assertThat(parse("# usercode\nlink: signal: killed\nnote: module requires Go 1.99\n"))
                .isEmpty();
    }

    @Test
    void parse_manyProblems_keepsTheFirstFifty() {
        var output = new StringBuilder();
        for (int line = 1; line <= 80; line++) {
            output.append("./main.go:").append(line).append(":1: undefined: x\n");
        }

        assertThat(parse(output.toString())).hasSize(CompilerMessages.PROBLEMS_MAX);
    }

    @Test
    void parse_sameProblemTwice_isReportedOnce() {
        assertThat(parse("./main.go:1:1: undefined: x\n".repeat(2))).hasSize(1);
    }

    @Test
    void parse_hugeMessage_isShortened() {
        assertThat(parse("./main.go:1:1: " + "x".repeat(10_000) + "\n"))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).hasSizeLessThan(2_100));
    }

    @Test
    void parse_hintOfTheToolchain_isGivenWhereThereIsNoBetterOne() {
        assertThat(
                        CompilerMessages.parse(
                                "./main.go:1:1: undefined: x\n./main.go:2:2: \"os\" imported and"
                                        + " not used\n",
                                INSPECTION,
                                "use go"))
                .extracting(SourceProblem::hint)
                .containsExactly("use go", "delete the import");
    }

    private static List<SourceProblem> parse(String output) {
        return CompilerMessages.parse(output, INSPECTION, "");
    }

    private static SourceProblem problem(int line, int column, String message) {
        return new SourceProblem(line, column, "GO_COMPILE", message, "");
    }
}
