package io.mimicore.compiler.toolchain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.mimicore.build.SourceProblem;
import io.mimicore.compiler.fixture.BuildHome;
import io.mimicore.compiler.fixture.ModuleText;
import io.mimicore.compiler.sandbox.BuildSandbox;
import io.mimicore.compiler.sandbox.SandboxLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Finding toolchains, with scripts in place of them; and TinyGo's adapter by its command line.
class ToolchainSearchTest {
    private static final String PROGRAM =
            """
            package main

            //export double
            func double(x int32) int32 { return 2 * x }
            """;

    @TempDir private Path directory;
    private final BuildSandbox sandbox;

    ToolchainSearchTest() throws Exception {
        directory = Path.of("");
        sandbox = BuildHome.open();
    }

    @AfterEach
    void close() throws IOException {
        sandbox.close();
    }

    @ParameterizedTest
    @CsvSource({
        "go version go1.26.8 linux/amd64, go1.26.8, 1.26, false",
        "go version go1.24 linux/amd64, go1.24, 1.24, false",
        "go version go1.23.12 linux/amd64, go1.23.12, 1.23, true",
        "go version go2.0 linux/amd64, go2.0, 2.0, false",
        "go version devel go1.28-4aa1efed48 linux/amd64, go1.28-4aa1efed48, 1.28, false",
        "go version go1.26rc1 linux/amd64, go1.26rc1, 1.26, false",
    })
    void version_printed_isRead(String printed, String text, String language, boolean tooOld) {
        GoVersion version = GoVersion.parse(printed + "\n");

        assertThat(version).isNotNull();
        assertThat(version.text()).isEqualTo(text);
        assertThat(version.language()).isEqualTo(language);
        assertThat(version.isTooOld()).isEqualTo(tooOld);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "go version", "gcc version 12", "go version go1.x linux/amd64"})
    void version_otherText_isNone(String printed) {
        assertThat(GoVersion.parse(printed)).isNull();
    }

    @Test
    void find_nothingThere_saysWhatIsMissingAndHowToGetIt() {
        assertThatThrownBy(() -> GoToolchain.find(sandbox, search(Map.of())))
                .isInstanceOf(ToolchainMissingException.class)
                .hasMessageStartingWith("Go 1.24 or newer is missing (no `go` in GOROOT")
                .hasMessageContaining("https://go.dev/dl/");
        assertThatThrownBy(() -> TinyGoToolchain.find(sandbox, search(Map.of())))
                .isInstanceOf(ToolchainMissingException.class)
                .hasMessageStartingWith("TinyGo 0.35 or newer is missing (no `tinygo`");
    }

    @Test
    void find_oldOnThePath_takesANewerOneElsewhere() throws Exception {
        script("path/go", "echo go version go1.19.8 linux/amd64");
        script("usual/go1.27.1/bin/go", "echo go version go1.27.1 linux/amd64");
        script("usual/go-1.25/bin/go", "echo go version go1.25.0 linux/amd64");

        GoToolchain go = GoToolchain.find(sandbox, search(pathVariable()));

        assertThat(go.name()).isEqualTo("go");
        assertThat(go.version()).matches("go1\\.27\\.1\\+[0-9a-f]{8}");
    }

    @Test
    void find_goroot_comesFirst() throws Exception {
        script("path/go", "echo go version go1.26.8 linux/amd64");
        script("root/bin/go", "echo go version go1.25.3 linux/amd64");

        GoToolchain go =
                GoToolchain.find(
                        sandbox,
                        search(
                                Map.of(
                                        "PATH",
                                        directory.resolve("path").toString(),
                                        "GOROOT",
                                        directory.resolve("root").toString())));

        assertThat(go.version()).startsWith("go1.25.3+");
    }

    @Test
    void find_onlyOldAndBroken_namesEach() throws Exception {
        Path old = script("path/go", "echo go version go1.23.0 linux/amd64");
        Path broken = script("usual/go/bin/go", "exit 1");

        assertThatThrownBy(() -> GoToolchain.find(sandbox, search(pathVariable())))
                .isInstanceOf(ToolchainMissingException.class)
                .hasMessageContaining(old + " is go1.23.0")
                .hasMessageContaining(broken + " does not answer to `go version`");
    }

    @Test
    void find_all_tellsFoundFromMissing() throws Exception {
        script("path/go", "echo go version go1.26.8 linux/amd64");

        FoundToolchains found = FoundToolchains.find(sandbox, search(pathVariable()));

        assertThat(found.toolchains()).extracting(Toolchain::name).containsExactly("go", "wasm");
        assertThat(found.missing()).containsOnlyKeys("tinygo");
    }

    @Test
    void tinygo_tooOld_isNotTaken() throws Exception {
        linkRealGo();
        Path old = script("path/tinygo", "echo tinygo version 0.34.0 linux/amd64");

        assertThatThrownBy(() -> TinyGoToolchain.find(sandbox, search(pathVariable())))
                .isInstanceOf(ToolchainMissingException.class)
                .hasMessageContaining(old + " is 0.34");
    }

    @Test
    void tinygo_compile_callsItWithItsFlagsAndTakesTheModule() throws Exception {
        linkRealGo();
        Path module = Files.write(directory.resolve("answer.wasm"), anyModule());
        Path seen = directory.resolve("seen");
        script(
                "path/tinygo",
                """
                if [ "$1" = version ]; then
                    echo "tinygo version 0.39.0 linux/amd64 (using go version go1.26.8 and LLVM version 19.1.2)"
                else
                    echo "$@" > SEEN
                    echo "$GOOS $GOARCH $GOPROXY" >> SEEN
                    ls >> SEEN
                    cp ANSWER module.wasm
                fi
                """
                        .replace("SEEN", seen.toString())
                        .replace("ANSWER", module.toString()));

        TinyGoToolchain tinygo = TinyGoToolchain.find(sandbox, search(pathVariable()));
        Compilation compilation = tinygo.compile(PROGRAM.getBytes(UTF_8));

        assertThat(tinygo.version()).matches("tinygo0\\.39\\.0-go1\\.\\d+\\S*\\+[0-9a-f]{8}");
        assertThat(compilation).isInstanceOf(Compilation.Compiled.class);
        assertThat(((Compilation.Compiled) compilation).wasm()).isEqualTo(anyModule());
        assertThat(Files.readAllLines(seen))
                .containsExactly(
                        "build -target=wasip1 -buildmode=c-shared -opt=2 -no-debug -o module.wasm"
                                + " .",
                        "wasip1 wasm off",
                        "go.mod",
                        "main.go",
                        "mimicore_abi.go");
    }

    @Test
    void tinygo_programItCannotCompile_hintsAtGo() throws Exception {
        linkRealGo();
        script(
                "path/tinygo",
                """
                if [ "$1" = version ]; then echo "tinygo version 0.39.0 linux/amd64"; exit 0; fi
                echo "main.go:4:30: interp: unsupported instruction" >&2
                exit 1
                """);

        Compilation compilation =
                TinyGoToolchain.find(sandbox, search(pathVariable()))
                        .compile(PROGRAM.getBytes(UTF_8));

        assertThat(compilation)
                .isEqualTo(
                        new Compilation.Refused(
                                List.of(
                                        new SourceProblem(
                                                4,
                                                30,
                                                "GO_COMPILE",
                                                "interp: unsupported instruction",
                                                "TinyGo knows only a part of Go: set the toolchain"
                                                        + " to go if the program is right"))));
    }

    @Test
    void tinygo_machineWithoutSpace_isNotTheProgram() throws Exception {
        linkRealGo();
        script(
                "path/tinygo",
                """
                if [ "$1" = version ]; then echo "tinygo version 0.39.0 linux/amd64"; exit 0; fi
                echo "open module.wasm: no space left on device" >&2
                exit 1
                """);
        TinyGoToolchain tinygo = TinyGoToolchain.find(sandbox, search(pathVariable()));

        assertThatThrownBy(() -> tinygo.compile(PROGRAM.getBytes(UTF_8)))
                .isInstanceOf(BuildMachineException.class)
                .hasMessageContaining("no space left on device");
    }

    @Test
    void tinygo_diesWithoutAWord_isInconclusive() throws Exception {
        linkRealGo();
        script(
                "path/tinygo",
                """
                if [ "$1" = version ]; then echo "tinygo version 0.39.0 linux/amd64"; exit 0; fi
                exit 70
                """);

        Compilation compilation =
                TinyGoToolchain.find(sandbox, search(pathVariable()))
                        .compile(PROGRAM.getBytes(UTF_8));

        assertThat(compilation).isInstanceOf(Compilation.Inconclusive.class);
    }

    @Test
    void go_compilesWithoutEnd_isStoppedAndInconclusive() throws Exception {
        Path real = ProgramSearch.of(System.getenv()).go().getFirst();
        script(
                "path/go",
                "if [ \"$GOOS\" = wasip1 ]; then sleep 1000; fi; exec " + real + " \"$@\"");
        GoToolchain go =
                GoToolchain.find(
                        sandbox,
                        search(pathVariable()),
                        SandboxLimits.COMPILE.withWallTime(Duration.ofSeconds(2)));

        Compilation compilation = go.compile(PROGRAM.getBytes(UTF_8));

        assertThat(compilation)
                .isInstanceOfSatisfying(
                        Compilation.Inconclusive.class,
                        unclear -> {
                            assertThat(unclear.problem().code()).isEqualTo("GO_BUILD_LIMIT");
                            assertThat(unclear.problem().message())
                                    .isEqualTo("compiling took longer than 2 s");
                        });
    }

    @Test
    void go_moduleOverItsSize_isRefused() throws Exception {
        Path real = ProgramSearch.of(System.getenv()).go().getFirst();
        script(
                "path/go",
                "if [ \"$GOOS\" = wasip1 ]; then truncate -s 67108865 module.wasm; exit 0; fi; exec"
                        + " "
                        + real
                        + " \"$@\"");

        Compilation compilation =
                GoToolchain.find(sandbox, search(pathVariable())).compile(PROGRAM.getBytes(UTF_8));

        assertThat(compilation)
                .isInstanceOfSatisfying(
                        Compilation.Refused.class,
                        refused ->
                                assertThat(refused.problems())
                                        .extracting(SourceProblem::code, SourceProblem::message)
                                        .containsExactly(
                                                tuple(
                                                        "WASM_TOO_LARGE",
                                                        "module: 67108865 bytes (expected: at most"
                                                                + " 67108864 bytes)")));
    }

    /// All that a compiler could give away: variables by name, and files where it is told to work.
    @Test
    void go_compile_seesItsOwnVariablesAndFilesOnly() throws Exception {
        Path real = ProgramSearch.of(System.getenv()).go().getFirst();
        Path seen = directory.resolve("seen");
        script(
                "path/go",
                """
                if [ "$GOOS" = wasip1 ]; then
                    { env | cut -d= -f1 | sort; ls -A . ..; cd ..; ls -A gopath home; cat; } > SEEN
                    exit 70
                fi
                exec REAL "$@"
                """
                        .replace("SEEN", seen.toString())
                        .replace("REAL", real.toString()));

        Compilation _ =
                GoToolchain.find(sandbox, search(pathVariable())).compile(PROGRAM.getBytes(UTF_8));

        assertThat(Files.readString(seen))
                .isEqualTo(
                        """
                        CGO_ENABLED
                        GO111MODULE
                        GOARCH
                        GOCACHE
                        GOENV
                        GOFLAGS
                        GOMAXPROCS
                        GOMEMLIMIT
                        GOOS
                        GOPATH
                        GOPROXY
                        GOSUMDB
                        GOTELEMETRY
                        GOTMPDIR
                        GOTOOLCHAIN
                        GOVCS
                        GOWORK
                        HOME
                        LANG
                        PATH
                        PWD
                        TMPDIR
                        .:
                        go.mod
                        main.go
                        mimicore_abi.go

                        ..:
                        code
                        gopath
                        home
                        tmp
                        gopath:

                        home:
                        """);
    }

    @Test
    void prebuilt_textInsteadOfAModule_isRefused() {
        assertThat(new PrebuiltModule().compile("(module)".getBytes(UTF_8)))
                .isInstanceOfSatisfying(
                        Compilation.Refused.class,
                        refused ->
                                assertThat(refused.problems())
                                        .extracting(SourceProblem::code)
                                        .containsExactly("WASM_MALFORMED"));
    }

    private static byte[] anyModule() {
        return ModuleText.withMemory().function("f", List.of(), List.of()).assemble();
    }

    private ProgramSearch search(Map<String, String> environment) {
        return new ProgramSearch(environment, List.of(directory.resolve("usual")));
    }

    private Map<String, String> pathVariable() {
        return Map.of("PATH", directory.resolve("path").toString());
    }

    /// TinyGo needs a Go beside it, and so does the inspector.
    private void linkRealGo() throws Exception {
        Path real = ProgramSearch.of(System.getenv()).go().getFirst();
        script("path/go", "exec " + real + " \"$@\"");
    }

    private Path script(String name, String body) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file;
    }
}
