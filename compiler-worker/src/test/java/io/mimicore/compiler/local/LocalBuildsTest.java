package io.mimicore.compiler.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.build.BuildOutcome;
import io.mimicore.build.SourceProblem;
import io.mimicore.compiler.fixture.BuildHome;
import io.mimicore.compiler.fixture.ModuleText;
import io.mimicore.config.CodeSource.Toolchain;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.NumericType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalBuildsTest {
    private static final String SOURCE =
            """
            package main

            //export double
            func double(x int32) int32 { return 2 * x }
            """;
    private static final byte[] MODULE =
            ModuleText.withMemory()
                    .function("f", List.of(ModuleText.I64), List.of(), 0x01)
                    .assemble();

    @TempDir private Path directory;

    LocalBuildsTest() {
        directory = Path.of("");
    }

    @Test
    void build_goSource_tellsItsFunctions() throws Exception {
        try (LocalBuilds builds = LocalBuilds.open(BuildHome.path(), System.getenv())) {
            BuildOutcome outcome = builds.build(SOURCE.getBytes(UTF_8), false, Toolchain.AUTO);

            assertThat(outcome)
                    .isInstanceOfSatisfying(
                            BuildOutcome.Built.class,
                            built ->
                                    assertThat(built.functions())
                                            .containsExactly(
                                                    new FunctionSignature.Numeric(
                                                            "double",
                                                            List.of(NumericType.INT32),
                                                            NumericType.INT32)));
        }
    }

    @Test
    void build_wrongSource_tellsItsProblems() throws Exception {
        try (LocalBuilds builds = LocalBuilds.open(BuildHome.path(), System.getenv())) {
            assertThat(
                            builds.build(
                                    "package main\n\nvar x y\n".getBytes(UTF_8),
                                    false,
                                    Toolchain.GO))
                    .isEqualTo(
                            new BuildOutcome.Rejected(
                                    List.of(
                                            new SourceProblem(
                                                    3, 7, "GO_COMPILE", "undefined: y", ""))));
        }
    }

    @Test
    void build_module_isKeptAndFoundAgain() throws Exception {
        BuildOutcome first;
        try (LocalBuilds builds = LocalBuilds.open(directory, Map.of())) {
            first = builds.build(MODULE, true, Toolchain.AUTO);
        }

        assertThat(first).isInstanceOf(BuildOutcome.Built.class);
        assertThat(results()).hasSize(1);
        try (LocalBuilds builds = LocalBuilds.open(directory, Map.of())) {
            assertThat(builds.build(MODULE, true, Toolchain.AUTO)).isEqualTo(first);
        }
    }

    @Test
    void build_damagedResult_isMadeAgain() throws Exception {
        try (LocalBuilds builds = LocalBuilds.open(directory, Map.of())) {
            BuildOutcome first = builds.build(MODULE, true, Toolchain.AUTO);
            Files.write(results().getFirst(), new byte[] {1, 2, 3});

            assertThat(builds.build(MODULE, true, Toolchain.AUTO)).isEqualTo(first);
        }
    }

    @Test
    void build_manyPrograms_keepsTheLastResults() throws Exception {
        Path results = Files.createDirectories(directory.resolve("results"));
        for (int i = 0; i < LocalBuilds.RESULTS_MAX; i++) {
            Path old = Files.write(results.resolve("old" + i), new byte[] {1});
            Files.setLastModifiedTime(old, FileTime.fromMillis(1_000L * i));
        }

        try (LocalBuilds builds = LocalBuilds.open(directory, Map.of())) {
            BuildOutcome _ = builds.build(MODULE, true, Toolchain.AUTO);
        }

        assertThat(results())
                .hasSize(LocalBuilds.RESULTS_MAX)
                .doesNotContain(results.resolve("old0"))
                .contains(results.resolve("old1"));
    }

    @Test
    void build_homeThatCannotBeUsed_isUnavailable() throws Exception {
        Path file = Files.write(directory.resolve("file"), new byte[] {1});
        try (LocalBuilds builds = LocalBuilds.open(file, Map.of())) {
            assertThat(builds.build(MODULE, true, Toolchain.AUTO))
                    .isInstanceOfSatisfying(
                            BuildOutcome.Unavailable.class,
                            unavailable ->
                                    assertThat(unavailable.reason()).contains(file.toString()));
        }
    }

    private List<Path> results() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("results"))) {
            return files.toList();
        }
    }
}
