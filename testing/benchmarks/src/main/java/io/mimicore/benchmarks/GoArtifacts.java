package io.mimicore.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.artifact.Artifact;
import io.mimicore.build.BuildRequest;
import io.mimicore.compiler.cost.CompileMemory;
import io.mimicore.compiler.program.ProgramBuild;
import io.mimicore.compiler.program.ProgramOutcome;
import io.mimicore.compiler.sandbox.BuildSandbox;
import io.mimicore.compiler.toolchain.BuildMachineException;
import io.mimicore.compiler.toolchain.FoundToolchains;
import io.mimicore.compiler.toolchain.GoToolchain;
import io.mimicore.compiler.toolchain.ProgramSearch;
import io.mimicore.compiler.toolchain.Toolchain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Go programs, built as a compiler worker builds them: real modules with their machine classes.
public final class GoArtifacts {
    /// What the benchmarks call: the cheapest shape, one small struct as JSON, and a loop without
    /// end.
    public static final String SOURCE =
            """
            package main

            import "strings"

            type user struct {
            	Name string `json:"name"`
            	Age  int    `json:"age"`
            }

            type greeting struct {
            	Text  string `json:"text"`
            	Adult bool   `json:"adult"`
            }

            //export double
            func double(x uint64) uint64 { return x * 2 }

            //export greet
            func greet(u user) greeting {
            	return greeting{"Hello " + strings.ToUpper(u.Name) + "!", u.Age >= 18}
            }

            //export spin
            func spin(n uint64) uint64 {
            	for n >= 0 {
            		n++
            	}
            	return n
            }
            """;

    private GoArtifacts() {}

    /// Builds the benchmarks' own program.
    ///
    /// @throws IllegalStateException if there is no Go, which says where it was looked for
    public static Artifact build() throws IOException, InterruptedException {
        Path home = Files.createDirectories(Path.of("testing/benchmarks/target/toolchain-cache"));
        try (BuildSandbox sandbox = BuildSandbox.open(home.toAbsolutePath())) {
            FoundToolchains found =
                    FoundToolchains.find(sandbox, ProgramSearch.of(System.getenv()));
            for (Toolchain toolchain : found.toolchains()) {
                if (toolchain.name().equals(GoToolchain.NAME)) {
                    return build(toolchain);
                }
            }
            throw new IllegalStateException(
                    "these benchmarks need Go: " + found.missing().get(GoToolchain.NAME));
        } catch (BuildMachineException e) {
            throw new IllegalStateException("Go programs cannot be built here", e);
        }
    }

    private static Artifact build(Toolchain toolchain)
            throws BuildMachineException, InterruptedException {
        var request =
                new BuildRequest(toolchain.name(), toolchain.version(), SOURCE.getBytes(UTF_8));
        return switch (new ProgramBuild(toolchain, CompileMemory.ofThisProcess()).build(request)) {
            case ProgramOutcome.Built built ->
                    new Artifact(built.manifest(), built.module(), built.classes());
            case ProgramOutcome.Refused refused ->
                    throw new IllegalStateException("refused: " + refused.problems());
            case ProgramOutcome.Inconclusive unclear ->
                    throw new IllegalStateException("not built: " + unclear.problem());
        };
    }
}
