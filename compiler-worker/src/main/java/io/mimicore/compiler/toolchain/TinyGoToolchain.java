package io.mimicore.compiler.toolchain;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.compiler.sandbox.BuildSandbox;
import io.mimicore.compiler.sandbox.SandboxCommand;
import io.mimicore.compiler.sandbox.SandboxLimits;
import io.mimicore.compiler.sandbox.SandboxOutcome;
import io.mimicore.compiler.sandbox.Workspace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// TinyGo: modules a tenth of Go's size that start in a millisecond, for programs that do without
/// `recover` and much of `reflect`. Thread-safe.
///
/// It needs Go beside it, as TinyGo itself does.
public final class TinyGoToolchain implements Toolchain {
    /// Its name in build requests.
    public static final String NAME = "tinygo";

    private static final Pattern PRINTED =
            Pattern.compile("tinygo version (\\d{1,4})\\.(\\d{1,4})(\\S{0,40}).*");

    /// TinyGo 0.35 brought `-buildmode=c-shared` for `wasip1`.
    private static final int OLDEST_MINOR = 35;

    private static final List<String> FLAGS =
            List.of(
                    "build",
                    "-target=wasip1",
                    "-buildmode=c-shared",
                    "-opt=2",
                    "-no-debug",
                    "-o",
                    GoModuleBuild.MODULE,
                    ".");

    private static final byte[] SAMPLE =
            """
            package main

            //export double
            func double(x int32) int32 {
            	return 2 * x
            }
            """
                    .getBytes(UTF_8);

    private final Path tinygo;
    private final String version;
    private final GoModuleBuild build;

    private TinyGoToolchain(Path tinygo, String version, GoModuleBuild build) {
        this.tinygo = tinygo;
        this.version = version;
        this.build = build;
    }

    /// Finds TinyGo on this machine.
    ///
    /// @throws ToolchainMissingException if it, or the Go it needs, is not there
    /// @throws BuildMachineException if the sandbox does not work
    public static TinyGoToolchain find(BuildSandbox sandbox, ProgramSearch search)
            throws ToolchainMissingException, BuildMachineException, InterruptedException {
        List<String> rejected = new ArrayList<>();
        for (Path candidate : search.tinygo()) {
            GoInstallation go = GoInstallation.find(sandbox, search);
            String output = versionOutput(sandbox, candidate, go).strip();
            Matcher matcher = PRINTED.matcher(output);
            if (!matcher.matches()) {
                rejected.add(candidate + " does not answer to `tinygo version`");
            } else if (isTooOld(matcher)) {
                rejected.add(candidate + " is " + matcher.group(1) + "." + matcher.group(2));
            } else {
                // TinyGo compiles the standard library of the Go beside it.
                String version =
                        "tinygo"
                                + matcher.group(1)
                                + "."
                                + matcher.group(2)
                                + matcher.group(3)
                                + "-"
                                + go.version().text();
                return new TinyGoToolchain(
                        candidate,
                        Recipe.versionWithMark(version, FLAGS),
                        new GoModuleBuild(sandbox, go, SandboxLimits.COMPILE));
            }
        }
        throw new ToolchainMissingException(
                "TinyGo 0."
                        + OLDEST_MINOR
                        + " or newer is missing ("
                        + (rejected.isEmpty()
                                ? "no `tinygo` in TINYGOROOT, on the PATH or in the usual"
                                        + " directories"
                                : String.join("; ", rejected))
                        + "). Install it as https://tinygo.org/getting-started/install/ says, or"
                        + " use the toolchain go.");
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
        arguments.add(tinygo.toString());
        arguments.addAll(FLAGS);
        return new GoModuleBuild.Command(
                arguments,
                "TinyGo knows only a part of Go: set the toolchain to go if the program is right");
    }

    private static boolean isTooOld(Matcher version) {
        return Integer.parseInt(version.group(1)) == 0
                && Integer.parseInt(version.group(2)) < OLDEST_MINOR;
    }

    private static String versionOutput(BuildSandbox sandbox, Path tinygo, GoInstallation go)
            throws BuildMachineException, InterruptedException {
        try (Workspace workspace = sandbox.newWorkspace()) {
            Map<String, String> variables = go.environment(sandbox, workspace);
            SandboxOutcome outcome =
                    sandbox.run(
                            new SandboxCommand(
                                    List.of(tinygo.toString(), "version"),
                                    workspace.directory("tmp"),
                                    variables,
                                    new byte[0]),
                            SandboxLimits.COMPILE.withWallTime(Duration.ofSeconds(20)));
            return switch (outcome) {
                case SandboxOutcome.Exited exited -> new String(exited.output(), UTF_8);
                case SandboxOutcome.TimedOut _, SandboxOutcome.TooManyProcesses _ -> "";
            };
        } catch (IOException e) {
            throw new BuildMachineException(tinygo + " version", e);
        }
    }
}
