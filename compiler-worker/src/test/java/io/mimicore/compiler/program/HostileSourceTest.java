package io.mimicore.compiler.program;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.build.BuildRequest;
import io.mimicore.build.SourceProblem;
import io.mimicore.compiler.cost.CompileMemory;
import io.mimicore.compiler.fixture.BuildHome;
import io.mimicore.compiler.sandbox.BuildSandbox;
import io.mimicore.compiler.sandbox.SandboxLimits;
import io.mimicore.compiler.toolchain.GoToolchain;
import io.mimicore.compiler.toolchain.ProgramSearch;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Sources made to harm the machine that compiles them, against this machine's Go.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileSourceTest {
    private static final int SOURCE_BYTES_MAX = 4 * 1024 * 1024;
    private static final String EXPORT = "\n//export f\nfunc f(x int) int { return x }\n";

    private final BuildSandbox sandbox;
    private final GoToolchain go;
    private final ProgramBuild program;

    HostileSourceTest() throws Exception {
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

    /// Each line would read a file of the machine, reach into another package, choose another
    /// compiler, or move the places of messages.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "//go:embed /etc/passwd|GO_DIRECTIVE",
                "//go:embed ../../../etc/passwd|GO_DIRECTIVE",
                "//go:linkname f runtime.exit|GO_DIRECTIVE",
                "//go:build ignore|GO_DIRECTIVE",
                "//go:wasmimport wasi_snapshot_preview1 proc_exit|GO_DIRECTIVE",
                "//go:cgo_import_dynamic a b \"libc.so\"|GO_DIRECTIVE",
                "//line /etc/passwd:1|GO_DIRECTIVE",
                "/*line /etc/passwd:1:1*/|GO_DIRECTIVE",
                "import \"C\"|GO_IMPORT_C",
                "import \"no/such/package\"|GO_IMPORT_UNKNOWN",
                "import \"example.com/not/downloaded\"|GO_IMPORT_UNKNOWN",
                "import \"../../../../etc\"|GO_IMPORT_UNKNOWN",
                "import \"/etc\"|GO_IMPORT_UNKNOWN",
                "import \"os/exec\"|GO_IMPORT_FORBIDDEN",
            })
    void build_reachesOut_isRefusedAtItsLine(String line, String code) throws Exception {
        List<SourceProblem> problems = refused("package main\n\n" + line + "\nvar text string\n");

        assertThat(problems)
                .anySatisfy(problem -> {
                    assertThat(problem.code()).isEqualTo(code);
                    assertThat(problem.line()).isEqualTo(3);
                });
        assertThat(problems)
                .noneSatisfy(problem -> assertThat(problem.message()).contains("root:"));
    }

    @Test
    void build_goGenerate_isNeverRun() throws Exception {
        assertThat(build("package main\n\n//go:generate sh -c \"exit 1\"\n" + EXPORT))
                .isInstanceOf(ProgramOutcome.Built.class);
    }

    @Test
    void build_sourceOverTheLimit_isNamed() throws Exception {
        assertThat(refused("package main\n//" + "x".repeat(SOURCE_BYTES_MAX)))
                .extracting(SourceProblem::code)
                .containsExactly("GO_SOURCE");
    }

    @Test
    void build_genericsWithoutEnd_isRefusedOrFailsBounded() throws Exception {
        assertBounded(
                """
                package main

                type pair[T any] struct{ a, b T }

                func grow[T any](n int) int {
                	if n == 0 {
                		return 0
                	}
                	return grow[pair[T]](n - 1)
                }

                var g = grow[int](3)
                """
                        + EXPORT);
    }

    @Test
    void build_hugeConstants_isRefusedOrFailsBounded() throws Exception {
        assertBounded(
                """
                package main

                const a = 1 << 500
                const b = a * a * a * a * a * a * a * a
                const c = b << 100000

                var table = [1 << 40]byte{1}
                """
                        + EXPORT);
    }

    /// What 4 MiB hold decides, not that they are 4 MiB.
    @Test
    void build_sourceAtTheLimit_isBuilt() throws Exception {
        String begin = "package main\n" + EXPORT + "//";

        assertThat(build(begin + "x".repeat(SOURCE_BYTES_MAX - begin.length())))
                .isInstanceOf(ProgramOutcome.Built.class);
    }

    @Test
    void build_parenthesesWithoutEnd_areASyntaxError() throws Exception {
        String nested = "(".repeat(200_000) + "1" + ")".repeat(200_000);

        assertThat(refused("package main\n\nvar v = " + nested + "\n" + EXPORT))
                .first()
                .satisfies(problem -> {
                    assertThat(problem.code()).isEqualTo("GO_SYNTAX");
                    assertThat(problem.line()).isEqualTo(3);
                    assertThat(problem.message()).contains("max nesting depth");
                });
    }

    /// Go's type checker would walk through two to the power of sixty fields.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "type t%d struct{ a, b t%d }\n",
                "type t%d struct{ a [2]t%2$d; b t%2$d }\n",
                "type t%d interface{ t%2$d; interface{ t%2$d } }\n",
            })
    void build_typesThatDouble_areRefusedAtTheFirstTooLarge(String pattern) throws Exception {
        var source = new StringBuilder("package main\n\ntype t0 interface{ M() }\n");
        for (int i = 1; i < 60; i++) {
            source.append(String.format(Locale.ROOT, pattern, i, i - 1));
        }

        assertThat(refused(source + "\nvar v t59\n" + EXPORT))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.code()).isEqualTo("GO_TYPE_SIZE");
                    assertThat(problem.line()).isBetween(15, 25);
                    assertThat(problem.message()).contains("more than 100000 fields");
                });
    }

    /// Less than a build may have, so that the test is shorter; a small program has room there.
    @Test
    void build_takesAllMemory_isBoundedAndSaysSo() throws Exception {
        ProgramBuild small = limited(SandboxLimits.COMPILE.withMemoryMib(1_500));

        assertThat(build(small, "package main\n" + EXPORT))
                .isInstanceOf(ProgramOutcome.Built.class);
        assertLimited(
                build(small, manyFunctions(75_000)),
                "the compiler ran out of memory or of processor time");
    }

    @Test
    void build_takesAllProcessorTime_isBoundedAndSaysSo() throws Exception {
        ProgramBuild brief = limited(SandboxLimits.COMPILE.withCpuSeconds(1));

        assertThat(build(brief, "package main\n" + EXPORT))
                .isInstanceOf(ProgramOutcome.Built.class);
        assertLimited(
                build(brief, manyFunctions(40_000)),
                "the compiler ran out of memory or of processor time");
    }

    @Test
    void build_neverDoneReadingTheSource_isBoundedAndSaysSo() throws Exception {
        ProgramBuild hasty = limited(SandboxLimits.COMPILE.withWallTime(Duration.ofMillis(1)));

        assertLimited(build(hasty, manyFunctions(40_000)), "reading it took longer than 0 s");
    }

    @ParameterizedTest
    @ValueSource(strings = {"for {}", "for { time.Sleep(time.Hour) }"})
    void build_initWithoutEnd_isStopped(String body) throws Exception {
        var brief = new ProgramBuild(go, CompileMemory.ofThisProcess(), Duration.ofSeconds(2));
        String source =
                "package main\n\nimport \"time\"\n\nvar _ = time.Now\n\nfunc init() { "
                        + body
                        + " }\n"
                        + EXPORT;

        assertThat(build(brief, source))
                .isInstanceOfSatisfying(
                        ProgramOutcome.Inconclusive.class,
                        unclear -> {
                            assertThat(unclear.problem().code()).isEqualTo("WASM_START");
                            assertThat(unclear.problem().message())
                                    .isEqualTo("the program does not start within 2 s");
                        });
    }

    /// `init` runs in the worker too: it would fail, and the build with it, if it found anything.
    @Test
    void build_initPries_findsNeitherFilesNorVariablesNorNetwork() throws Exception {
        assertThat(
                        build(
                                """
                                package main

                                import (
                                	"os"
                                	"syscall"
                                )

                                func init() {
                                	if len(os.Environ()) > 0 || os.Getenv("PATH") != "" || len(os.Args) > 0 {
                                		panic("environment")
                                	}
                                	for _, name := range []string{"/", ".", "/etc/passwd", "main.go", "../main.go", "/proc/self/environ"} {
                                		if _, err := os.Stat(name); err == nil {
                                			panic(name)
                                		}
                                		if _, err := os.Open(name); err == nil {
                                			panic(name)
                                		}
                                	}
                                	for fd := 3; fd < 64; fd++ {
                                		if _, err := syscall.Read(fd, make([]byte, 1)); err == nil {
                                			panic("descriptor")
                                		}
                                	}
                                	if _, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0); err == nil {
                                		panic("socket")
                                	}
                                }
                                """
                                        + EXPORT))
                .isInstanceOf(ProgramOutcome.Built.class);
    }

    /// Functions that are all reached, so that all are compiled and linked.
    private static String manyFunctions(int count) {
        var source = new StringBuilder("package main\n\nvar all = []func(int) int{");
        for (int i = 0; i < count; i++) {
            source.append('g').append(i).append(',');
        }
        source.append("}\n\n//export f\nfunc f(x int) int { return all[x%len(all)](x) }\n");
        for (int i = 0; i < count; i++) {
            source.append("func g")
                    .append(i)
                    .append("(x int) int { return x*")
                    .append(i)
                    .append("}\n");
        }
        return source.toString();
    }

    private ProgramBuild limited(SandboxLimits limits) throws Exception {
        return new ProgramBuild(
                GoToolchain.find(sandbox, ProgramSearch.of(System.getenv()), limits),
                CompileMemory.ofThisProcess());
    }

    private static void assertLimited(ProgramOutcome outcome, String message) {
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        ProgramOutcome.Inconclusive.class,
                        unclear -> {
                            assertThat(unclear.problem().code()).isEqualTo("GO_BUILD_LIMIT");
                            assertThat(unclear.problem().message()).isEqualTo(message);
                        });
    }

    private void assertBounded(String source) throws Exception {
        switch (build(source)) {
            case ProgramOutcome.Built built ->
                    throw new AssertionError("built: " + built.manifest());
            case ProgramOutcome.Refused(List<SourceProblem> problems) ->
                    assertThat(problems)
                            .isNotEmpty()
                            .allSatisfy(problem ->
                                    assertThat(problem.message()).doesNotContain("mimicore_abi"));
            case ProgramOutcome.Inconclusive(SourceProblem problem) ->
                    assertThat(problem.code()).isIn("GO_SOURCE", "GO_BUILD_LIMIT", "GO_COMPILE");
        }
    }

    private List<SourceProblem> refused(String source) throws Exception {
        ProgramOutcome outcome = build(source);
        assertThat(outcome).isInstanceOf(ProgramOutcome.Refused.class);
        return ((ProgramOutcome.Refused) outcome).problems();
    }

    private ProgramOutcome build(String source) throws Exception {
        return build(program, source);
    }

    private ProgramOutcome build(ProgramBuild by, String source) throws Exception {
        return by.build(new BuildRequest(go.name(), go.version(), source.getBytes(UTF_8)));
    }
}
