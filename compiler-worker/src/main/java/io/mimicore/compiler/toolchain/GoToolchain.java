package io.mimicore.compiler.toolchain;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.compiler.sandbox.BuildSandbox;
import io.mimicore.compiler.sandbox.SandboxLimits;
import java.util.ArrayList;
import java.util.List;

/// Go's own compiler: the whole language and library. Thread-safe.
public final class GoToolchain implements Toolchain {
    /// Its name in build requests.
    public static final String NAME = "go";

    /// What nearly every program needs of the standard library, compiled ahead of the first one.
    private static final byte[] SAMPLE =
            """
            package main

            import (
            	"fmt"
            	"strings"
            	"time"
            )

            //export greet
            func greet(name string) (string, error) {
            	return strings.ToUpper(name), fmt.Errorf("at %v", time.Now())
            }
            """
                    .getBytes(UTF_8);

    private static final List<String> FLAGS =
            List.of(
                    "build",
                    "-p=2",
                    "-buildmode=c-shared",
                    "-trimpath",
                    "-buildvcs=false",
                    // All errors, not the first ten.
                    "-gcflags=-e",
                    // No debugging tables. Names stay: they say which function is too large.
                    "-ldflags=-w",
                    "-o",
                    GoModuleBuild.MODULE,
                    ".");

    private final GoInstallation go;
    private final String version;
    private final GoModuleBuild build;

    private GoToolchain(GoInstallation go, String version, GoModuleBuild build) {
        this.go = go;
        this.version = version;
        this.build = build;
    }

    /// Finds Go on this machine.
    ///
    /// @throws ToolchainMissingException if there is none that is new enough
    /// @throws BuildMachineException if the sandbox does not work
    public static GoToolchain find(BuildSandbox sandbox, ProgramSearch search)
            throws ToolchainMissingException, BuildMachineException, InterruptedException {
        return find(sandbox, search, SandboxLimits.COMPILE);
    }

    /// Finds Go and gives builds other limits than the usual.
    ///
    /// @param limits of one program, for reading it and for compiling it
    /// @throws ToolchainMissingException if there is none that is new enough
    /// @throws BuildMachineException if the sandbox does not work
    public static GoToolchain find(BuildSandbox sandbox, ProgramSearch search, SandboxLimits limits)
            throws ToolchainMissingException, BuildMachineException, InterruptedException {
        GoInstallation go = GoInstallation.find(sandbox, search);
        return new GoToolchain(
                go,
                Recipe.versionWithMark(go.version().text(), FLAGS),
                new GoModuleBuild(sandbox, go, limits));
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public void prepare() throws BuildMachineException, InterruptedException {
        build.prepare(command(), SAMPLE);
    }

    @Override
    public Compilation compile(byte[] source) throws BuildMachineException, InterruptedException {
        return build.compile(command(), source);
    }

    private GoModuleBuild.Command command() {
        List<String> arguments = new ArrayList<>();
        arguments.add(go.go().toString());
        arguments.addAll(FLAGS);
        return new GoModuleBuild.Command(arguments, "");
    }
}
