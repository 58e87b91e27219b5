package io.mimicore.compiler.program;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.build.BuildRequest;
import io.mimicore.build.SourceProblem;
import io.mimicore.compiler.fixture.BuildHome;
import io.mimicore.compiler.sandbox.BuildSandbox;
import io.mimicore.compiler.toolchain.GoToolchain;
import io.mimicore.compiler.toolchain.ProgramSearch;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        program = new ProgramBuild(go);
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
        return program.build(new BuildRequest(go.name(), go.version(), source.getBytes(UTF_8)));
    }
}
