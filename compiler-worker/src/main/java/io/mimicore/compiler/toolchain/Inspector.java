package io.mimicore.compiler.toolchain;

import io.mimicore.compiler.sandbox.BuildSandbox;
import io.mimicore.compiler.sandbox.SandboxCommand;
import io.mimicore.compiler.sandbox.SandboxLimits;
import io.mimicore.compiler.sandbox.SandboxOutcome;
import io.mimicore.compiler.sandbox.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The program that reads authors' sources with Go's own parser. Built once for each version of Go
/// and of its own sources, and kept in the sandbox's cache. Thread-safe.
final class Inspector {
    private static final Logger log = LoggerFactory.getLogger(Inspector.class);

    /// The source's limit twice, for the rewritten and the generated file, with room for escapes.
    private static final int REPORT_BYTES_MAX = 32 * 1024 * 1024;

    private static final String PROGRAM = "inspector";

    private final BuildSandbox sandbox;
    private final Path program;

    private Inspector(BuildSandbox sandbox, Path program) {
        this.sandbox = sandbox;
        this.program = program;
    }

    /// Finds the program in the cache or builds it.
    static Inspector obtain(BuildSandbox sandbox, GoInstallation go)
            throws BuildMachineException, InterruptedException {
        try {
            InspectorSources sources = InspectorSources.load();
            String key = go.version().text() + "-" + sources.digest().hex().substring(0, 16);
            Path program = sandbox.cache(PROGRAM).resolve(PROGRAM + "-" + key);
            if (!GoInstallation.isProgram(program)) {
                build(sandbox, go, sources, program);
            }
            return new Inspector(sandbox, program);
        } catch (IOException e) {
            throw new BuildMachineException("the inspector of Go sources", e);
        }
    }

    /// Absent problems of the machine, what it says of the source.
    ///
    /// @return the inspection, or what went wrong in the inspector itself
    Inspected inspect(byte[] source, SandboxLimits granted)
            throws BuildMachineException, InterruptedException {
        try (Workspace workspace = sandbox.newWorkspace()) {
            SandboxOutcome outcome =
                    sandbox.run(
                            new SandboxCommand(
                                    List.of(program.toString()),
                                    workspace.directory("tmp"),
                                    Map.of("GOMEMLIMIT", "1GiB", "GOMAXPROCS", "2"),
                                    source),
                            granted.withOutputBytes(REPORT_BYTES_MAX));
            return switch (outcome) {
                case SandboxOutcome.TimedOut timedOut ->
                        new Inspected.Limited(
                                "reading it took longer than "
                                        + timedOut.limit().toSeconds()
                                        + " s");
                case SandboxOutcome.TooManyProcesses many ->
                        new Inspected.Limited(
                                "reading it took more than " + many.limit() + " processes");
                case SandboxOutcome.Exited exited when exited.status() == 0 ->
                        new Inspected.Read(InspectionReader.read(exited.output()));
                case SandboxOutcome.Exited exited when exited.isOutOfMeans() ->
                        new Inspected.Limited(
                                "reading it took more memory or processor time than it may");
                case SandboxOutcome.Exited exited ->
                        new Inspected.Failed(
                                "exit status " + exited.status() + ": " + exited.errors().strip());
            };
        } catch (IOException e) {
            throw new BuildMachineException("the inspector of Go sources", e);
        }
    }

    private static void build(
            BuildSandbox sandbox, GoInstallation go, InspectorSources sources, Path program)
            throws IOException, BuildMachineException, InterruptedException {
        log.info("building the inspector of Go sources with {}", go.version().text());
        try (Workspace workspace = sandbox.newWorkspace()) {
            Path directory = workspace.directory("inspector");
            sources.writeTo(directory);
            SandboxOutcome outcome =
                    sandbox.run(
                            new SandboxCommand(
                                    List.of(
                                            go.go().toString(),
                                            "build",
                                            "-p=2",
                                            "-trimpath",
                                            "-buildvcs=false",
                                            "-o",
                                            PROGRAM,
                                            "."),
                                    directory,
                                    go.environment(sandbox, workspace),
                                    new byte[0]),
                            SandboxLimits.PREPARE);
            if (!(outcome instanceof SandboxOutcome.Exited exited) || exited.status() != 0) {
                throw new BuildMachineException("the inspector does not build: " + outcome);
            }
            // Two workers may do this at once; either result is good.
            Path ready = Files.createTempFile(program.getParent(), PROGRAM, ".new");
            Files.copy(
                    directory.resolve(PROGRAM),
                    ready,
                    StandardCopyOption.REPLACE_EXISTING,
                    StandardCopyOption.COPY_ATTRIBUTES);
            Files.move(ready, program, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /// How an inspection ended.
    sealed interface Inspected {
        /// There is a report.
        record Read(Inspection inspection) implements Inspected {}

        /// It took more than a source may take.
        record Limited(String reason) implements Inspected {}

        /// The inspector broke down over this source.
        record Failed(String reason) implements Inspected {}
    }
}
