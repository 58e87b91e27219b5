package io.mimicore.compiler.toolchain;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.compiler.sandbox.BuildSandbox;
import io.mimicore.compiler.sandbox.SandboxCommand;
import io.mimicore.compiler.sandbox.SandboxLimits;
import io.mimicore.compiler.sandbox.SandboxOutcome;
import io.mimicore.compiler.sandbox.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A Go toolchain on this machine.
///
/// @param go the `go` command
record GoInstallation(Path go, GoVersion version) {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /// Finds the first Go that is new enough.
    ///
    /// @throws ToolchainMissingException if there is none; it says where was looked
    static GoInstallation find(BuildSandbox sandbox, ProgramSearch search)
            throws ToolchainMissingException, BuildMachineException, InterruptedException {
        List<Path> candidates = search.go();
        List<String> rejected = new ArrayList<>();
        for (Path candidate : candidates) {
            String output = versionOutput(sandbox, candidate);
            GoVersion version = GoVersion.parse(output);
            if (version == null) {
                rejected.add(candidate + " does not answer to `go version`");
            } else if (version.isTooOld()) {
                rejected.add(candidate + " is " + version.text());
            } else {
                return new GoInstallation(candidate, version);
            }
        }
        throw new ToolchainMissingException(
                "Go "
                        + GoVersion.OLDEST.language()
                        + " or newer is missing ("
                        + (rejected.isEmpty()
                                ? "no `go` in GOROOT, on the PATH or in the usual directories"
                                : String.join("; ", rejected))
                        + "). Install it from https://go.dev/dl/ or the distribution's package"
                        + " golang, or set GOROOT or PATH to where it is.");
    }

    /// What every run of `go` gets. Downloads of modules and of other toolchains are impossible:
    /// there is no proxy, no version control, no other toolchain.
    Map<String, String> environment(BuildSandbox sandbox, Workspace workspace) throws IOException {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("PATH", go.getParent() + ":/usr/bin:/bin");
        variables.put("LANG", "C.UTF-8");
        variables.put("HOME", workspace.directory("home").toString());
        variables.put("TMPDIR", workspace.directory("tmp").toString());
        variables.put("GOTMPDIR", workspace.directory("tmp").toString());
        variables.put("GOPATH", workspace.directory("gopath").toString());
        variables.put("GOCACHE", cache(sandbox).toString());
        variables.put("GO111MODULE", "on");
        variables.put("GOFLAGS", "-mod=readonly");
        variables.put("GOPROXY", "off");
        variables.put("GOSUMDB", "off");
        variables.put("GOVCS", "*:off");
        variables.put("GOTOOLCHAIN", "local");
        variables.put("GOWORK", "off");
        variables.put("GOENV", "off");
        variables.put("GOTELEMETRY", "off");
        variables.put("CGO_ENABLED", "0");
        // Compilers run side by side, each of them in parallel: two of two is what a build gets.
        variables.put("GOMAXPROCS", "2");
        // Collect harder before the address space limit is met.
        variables.put("GOMEMLIMIT", "1GiB");
        return variables;
    }

    /// Where Go keeps what it has compiled.
    static Path cache(BuildSandbox sandbox) throws IOException {
        return sandbox.cache("go-build");
    }

    private static String versionOutput(BuildSandbox sandbox, Path go)
            throws BuildMachineException, InterruptedException {
        try (Workspace workspace = sandbox.newWorkspace()) {
            Map<String, String> variables =
                    Map.of(
                            "PATH",
                            "/usr/bin:/bin",
                            "HOME",
                            workspace.directory("home").toString(),
                            "GOTOOLCHAIN",
                            "local",
                            "GOENV",
                            "off",
                            "GOTELEMETRY",
                            "off");
            SandboxOutcome outcome =
                    sandbox.run(
                            new SandboxCommand(
                                    List.of(go.toString(), "version"),
                                    workspace.directory("tmp"),
                                    variables,
                                    new byte[0]),
                            SandboxLimits.COMPILE.withWallTime(PATIENCE));
            return switch (outcome) {
                case SandboxOutcome.Exited exited -> new String(exited.output(), UTF_8);
                case SandboxOutcome.TimedOut _, SandboxOutcome.TooManyProcesses _ -> "";
            };
        } catch (IOException e) {
            throw new BuildMachineException(go + " version", e);
        }
    }

    /// Whether `program` is a file that can be run.
    static boolean isProgram(Path program) {
        return Files.isRegularFile(program) && Files.isExecutable(program);
    }
}
