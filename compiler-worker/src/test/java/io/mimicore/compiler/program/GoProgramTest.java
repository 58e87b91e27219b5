package io.mimicore.compiler.program;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.types.CodeSection;
import com.dylibso.chicory.wasm.types.Instruction;
import com.dylibso.chicory.wasm.types.OpCode;
import io.mimicore.artifact.ArtifactManifest;
import io.mimicore.build.BuildRequest;
import io.mimicore.build.SourceProblem;
import io.mimicore.compiler.cost.CompileMemory;
import io.mimicore.compiler.cost.ModuleCost;
import io.mimicore.compiler.fixture.BuildHome;
import io.mimicore.compiler.fixture.RunningModule;
import io.mimicore.compiler.sandbox.BuildSandbox;
import io.mimicore.compiler.toolchain.GoToolchain;
import io.mimicore.compiler.toolchain.ProgramSearch;
import io.mimicore.ir.Digest;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.NumericType;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// The whole way with this machine's Go: source, module, classes, calls.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GoProgramTest {
    private static final String ALL_SHAPES =
            """
            package main

            import (
            	"errors"
            	"strings"
            	"unsafe"
            )

            type User struct {
            	Name string `json:"name"`
            	Age  int    `json:"age"`
            }

            //export double
            func double(x int32) int32 { return 2 * x }

            //export mean
            func mean(a float64, b float32) float64 { return (a + float64(b)) / 2 }

            //export older
            func older(u User, years int) (User, error) {
            	if years < 0 {
            		return u, errors.New("nobody grows younger")
            	}
            	u.Age += years
            	return u, nil
            }

            //export upper
            func upper(ptr *byte, size uint32) uint64 {
            	out := []byte(strings.ToUpper(string(unsafe.Slice(ptr, size))))
            	kept = out
            	return uint64(uintptr(unsafe.Pointer(&out[0])))<<32 | uint64(len(out))
            }

            var kept []byte

            func main() {}
            """;

    private final BuildSandbox sandbox;
    private final GoToolchain go;
    private final ProgramBuild program;

    GoProgramTest() throws Exception {
        sandbox = BuildHome.open();
        go = GoToolchain.find(sandbox, ProgramSearch.of(System.getenv()));
        program = new ProgramBuild(go, CompileMemory.ofThisProcess());
    }

    @BeforeAll
    void prepare() throws Exception {
        go.prepare();
    }

    @AfterAll
    void close() throws Exception {
        sandbox.close();
    }

    @Test
    void build_allThreeShapes_canBeCalledAndEqualTheInterpreter() throws Exception {
        ProgramOutcome.Built built = built(ALL_SHAPES);

        assertThat(built.manifest().functions())
                .containsExactly(
                        new FunctionSignature.Numeric(
                                "double", List.of(NumericType.INT32), NumericType.INT32),
                        new FunctionSignature.Numeric(
                                "mean",
                                List.of(NumericType.FLOAT64, NumericType.FLOAT32),
                                NumericType.FLOAT64),
                        new FunctionSignature.Json("older", List.of("User", "int"), true, true),
                        new FunctionSignature.Raw("upper"));
        RunningModule compiled =
                RunningModule.compiled(
                        built.module(), built.classes(), built.manifest().machineClass());
        RunningModule interpreted = RunningModule.interpreted(built.module());
        for (RunningModule module : List.of(compiled, interpreted)) {
            assertThat(module.call("double", 21)).containsExactly(42);
            assertThat(
                            Double.longBitsToDouble(
                                    module.call(
                                                    "mean",
                                                    Double.doubleToLongBits(1.5),
                                                    Float.floatToIntBits(2.5f))[0]))
                    .isEqualTo(2.0);
            assertThat(module.callWithText("older", "[{\"name\":\"Ada\",\"age\":36},1]"))
                    .isEqualTo("\0{\"name\":\"Ada\",\"age\":37}");
            assertThat(module.callWithText("older", "[{\"name\":\"Ada\",\"age\":36},-1]"))
                    .isEqualTo("\1nobody grows younger");
            assertThat(module.callWithText("older", "[1,2]")).startsWith("\2argument 1 (u): ");
            assertThat(module.callWithText("upper", "grüße")).isEqualTo("GRÜßE");
        }
    }

    /// What is counted without decoding is what the decoder finds.
    @Test
    void build_moduleOfGo_costsAsManyInstructionsAsItHas() throws Exception {
        byte[] wasm = built(ALL_SHAPES).module();
        CodeSection code = Parser.parse(wasm).codeSection();
        long decoded = 0;
        for (int i = 0; i < code.functionBodyCount(); i++) {
            for (Instruction instruction : code.getFunctionBody(i).instructions()) {
                // The last target of a branch table is the one that every table has.
                decoded += instruction.opcode() == OpCode.BR_TABLE ? instruction.operandCount() : 1;
            }
        }

        assertThat(ModuleCost.of(wasm).instructions()).isEqualTo(decoded);
    }

    @Test
    void build_moduleTooLargeForTheHeap_isRefusedBeforeItIsDecoded() throws Exception {
        var little = new CompileMemory(8 * 1024 * 1024);
        var request = new BuildRequest(go.name(), go.version(), ALL_SHAPES.getBytes(UTF_8));

        assertThat(new ProgramBuild(go, little).build(request))
                .isInstanceOfSatisfying(
                        ProgramOutcome.Inconclusive.class,
                        unclear -> {
                            assertThat(unclear.problem().code()).isEqualTo("WASM_TOO_LARGE");
                            assertThat(unclear.problem().message())
                                    .matches(
                                            "compiling the module for the JVM takes about \\d+ MB"
                                                    + " of heap \\(expected: at most 8 on this"
                                                    + " worker\\)");
                            assertThat(unclear.problem().hint()).contains("MIMICORE_JAVA_OPTS");
                        });
    }

    @Test
    void build_sameSourceTwice_givesTheSameBytes() throws Exception {
        String source =
                """
                package main

                //export triple
                func triple(x int) int { return 3 * x }
                """;

        ProgramOutcome.Built one = built(source);
        ProgramOutcome.Built two = built(source);

        assertThat(two.manifest()).isEqualTo(one.manifest());
        assertThat(one.manifest().abi()).isEqualTo(ArtifactManifest.ABI);
        assertThat(one.manifest().module()).isEqualTo(Digest.of(one.module()));
        assertThat(one.manifest().classes()).isEqualTo(Digest.of(one.classes()));
        assertThat(one.manifest().runtime()).isEqualTo("chicory 1.7.5");
        assertThat(one.manifest().toolchainVersion()).matches("go1\\.\\d+.*\\+[0-9a-f]{8}");
    }

    @Test
    void build_manyCompileErrors_reportsAllAtTheirPlaces() throws Exception {
        var lines = new StringBuilder("package main\n\nfunc f() {\n");
        for (int i = 0; i < 15; i++) {
            lines.append("\t_ = missing").append(i).append("\n");
        }
        lines.append("}\n");

        List<SourceProblem> problems = problems(lines.toString());

        assertThat(problems).hasSize(15);
        assertThat(problems.getFirst())
                .isEqualTo(new SourceProblem(4, 6, "GO_COMPILE", "undefined: missing0", ""));
        assertThat(problems.getLast().line()).isEqualTo(18);
    }

    @Test
    void build_wrongTypes_keepsTheContinuationOfTheMessage() throws Exception {
        List<SourceProblem> problems =
                problems(
                        """
                        package main

                        func g(a int, b string) {}

                        //export f
                        func f(x int) int {
                        	var unused int
                        	g(1)
                        	return "x"
                        }
                        """);

        assertThat(problems)
                .extracting(SourceProblem::line, SourceProblem::code)
                .containsExactly(
                        tuple(7, "GO_COMPILE"), tuple(8, "GO_COMPILE"), tuple(9, "GO_COMPILE"));
        assertThat(problems.get(0).message()).isEqualTo("declared and not used: unused");
        assertThat(problems.get(0).hint()).isNotEmpty();
        assertThat(problems.get(1).message())
                .isEqualTo("not enough arguments in call to g; have (number); want (int, string)");
        assertThat(problems.get(2).message()).contains("cannot use \"x\"");
    }

    @Test
    void build_syntaxError_isPlaced() throws Exception {
        assertThat(problems("package main\n\nfunc f( {\n"))
                .isNotEmpty()
                .allSatisfy(problem -> {
                    assertThat(problem.code()).isEqualTo("GO_SYNTAX");
                    assertThat(problem.line()).isBetween(3, 4);
                });
    }

    @Test
    void build_forbiddenImports_arePlaced() throws Exception {
        assertThat(
                        problems(
                                """
                                package main

                                import (
                                	"C"
                                	"github.com/someone/something"
                                	"net/http"
                                	"os/exec"
                                )
                                """))
                .extracting(SourceProblem::line)
                .contains(4, 5, 6);
    }

    @Test
    void build_initialisationLoop_isNeverShownInTheGeneratedFile() throws Exception {
        List<SourceProblem> problems =
                problems(
                        """
                        package main

                        var a = b
                        var b = a

                        //export f
                        func f(x map[string]int) int { return len(x) + a }
                        """);

        assertThat(problems)
                .isNotEmpty()
                .allSatisfy(
                        problem -> assertThat(problem.message()).doesNotContain("mimicore_abi"));
    }

    @Test
    void build_functionTooLargeForTheJvm_isNamed() throws Exception {
        var lines = new StringBuilder("package main\n\n//export f\nfunc f(x int64) int64 {\n");
        for (int i = 0; i < 6_000; i++) {
            lines.append("\tx = x*").append(i + 3).append(" + (x>>").append(i % 60).append(")\n");
        }
        lines.append("\treturn x\n}\n");

        assertThat(problems(lines.toString()))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.code()).isEqualTo("WASM_TOO_LARGE");
                    assertThat(problem.message())
                            .isEqualTo(
                                    "func main.f is too large (expected: at most 64 KiB of"
                                            + " JVM code)");
                    assertThat(problem.hint()).contains("smaller functions");
                });
    }

    @Test
    void build_panicAtTheStart_isRefusedWithItsText() throws Exception {
        assertThat(
                        problems(
                                """
                                package main

                                import "errors"

                                func init() { panic(errors.New("no such table")) }

                                //export f
                                func f(x int) int { return x }
                                """))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.code()).isEqualTo("WASM_START");
                    assertThat(problem.message())
                            .contains("no such table")
                            .doesNotContain("goroutine");
                });
    }

    @Test
    void build_exitAtTheStart_isRefused() throws Exception {
        assertThat(
                        problems(
                                """
                                package main

                                import "os"

                                func init() { os.Exit(0) }

                                //export f
                                func f(x int) int { return x }
                                """))
                .extracting(SourceProblem::code)
                .containsExactly("WASM_START");
    }

    private ProgramOutcome.Built built(String source) throws Exception {
        ProgramOutcome outcome = build(source);
        assertThat(outcome).isInstanceOf(ProgramOutcome.Built.class);
        return (ProgramOutcome.Built) outcome;
    }

    private List<SourceProblem> problems(String source) throws Exception {
        ProgramOutcome outcome = build(source);
        assertThat(outcome).isInstanceOf(ProgramOutcome.Refused.class);
        return ((ProgramOutcome.Refused) outcome).problems();
    }

    private ProgramOutcome build(String source) throws Exception {
        return program.build(new BuildRequest(go.name(), go.version(), source.getBytes(UTF_8)));
    }
}
