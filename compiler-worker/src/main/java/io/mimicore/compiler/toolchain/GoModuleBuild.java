package io.mimicore.compiler.toolchain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.mimicore.build.SourceProblem;
import io.mimicore.compiler.sandbox.BuildSandbox;
import io.mimicore.compiler.sandbox.SandboxCommand;
import io.mimicore.compiler.sandbox.SandboxLimits;
import io.mimicore.compiler.sandbox.SandboxOutcome;
import io.mimicore.compiler.sandbox.Workspace;
import io.mimicore.ir.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The way from an author's Go source to a module, which is the same for every Go compiler:
/// inspect, write the files, run the compiler, read its messages. Thread-safe.
final class GoModuleBuild {
    /// File name of the module.
    static final String MODULE = "module.wasm";

    /// Largest module a build may give, in bytes.
    static final long MODULE_BYTES_MAX = 64L * 1024 * 1024;

    private final BuildSandbox sandbox;
    private final GoInstallation go;
    private final SandboxLimits limits;
    private final CompilerCache cache;
    private final ReentrantLock preparing = new ReentrantLock();
    private volatile @Nullable Inspector inspector;

    /// @throws BuildMachineException if the compiler's cache cannot be made
    GoModuleBuild(BuildSandbox sandbox, GoInstallation go, SandboxLimits limits)
            throws BuildMachineException {
        this.sandbox = sandbox;
        try {
            this.cache = new CompilerCache(GoInstallation.cache(sandbox));
        } catch (IOException e) {
            throw new BuildMachineException("the compiler's cache", e);
        }
        this.go = go;
        this.limits = limits;
    }

    /// Compiles `sample` with the time that a first build needs, so that the compiler's cache holds
    /// the standard library. Once for each compiler and cache: a mark there says that it was done.
    void prepare(Command command, byte[] sample)
            throws BuildMachineException, InterruptedException {
        try {
            Path mark = sandbox.cache("prepared").resolve(markOf(command));
            if (Files.exists(mark)) {
                return;
            }
            Compilation compilation = compile(command, sample, SandboxLimits.PREPARE);
            if (!(compilation instanceof Compilation.Compiled)) {
                throw new BuildMachineException(
                        "the sample program does not build: " + compilation);
            }
            cache.keepAll();
            Files.write(mark, new byte[0]);
        } catch (IOException e) {
            throw new BuildMachineException("the mark of a prepared compiler", e);
        }
    }

    private String markOf(Command command) {
        String what = go.version().text() + "\n" + String.join("\n", command.arguments());
        return Digest.of(what.getBytes(UTF_8)).hex();
    }

    Compilation compile(Command command, byte[] source)
            throws BuildMachineException, InterruptedException {
        return compile(command, source, limits);
    }

    private Compilation compile(Command command, byte[] source, SandboxLimits granted)
            throws BuildMachineException, InterruptedException {
        return switch (inspector().inspect(source, granted)) {
            case Inspector.Inspected.Limited limited -> limited(limited.reason());
            case Inspector.Inspected.Failed failed ->
                    new Compilation.Inconclusive(
                            new SourceProblem(
                                    0,
                                    0,
                                    "GO_SOURCE",
                                    "the source cannot be read: " + failed.reason(),
                                    "make the program smaller and its expressions simpler"));
            case Inspector.Inspected.Read(Inspection inspection)
                    when !inspection.problems().isEmpty() ->
                    new Compilation.Refused(
                            inspection.problems().stream()
                                    .limit(CompilerMessages.PROBLEMS_MAX)
                                    .toList());
            case Inspector.Inspected.Read(Inspection inspection) ->
                    build(command, inspection, granted);
        };
    }

    private Compilation build(Command command, Inspection inspection, SandboxLimits granted)
            throws BuildMachineException, InterruptedException {
        try (Workspace workspace = sandbox.newWorkspace()) {
            Path directory = workspace.directory("code");
            Files.writeString(directory.resolve("main.go"), inspection.main());
            Files.writeString(directory.resolve("mimicore_abi.go"), inspection.abi());
            Files.writeString(
                    directory.resolve("go.mod"),
                    "module usercode\n\ngo " + go.version().language() + "\n");
            Map<String, String> variables = go.environment(sandbox, workspace);
            variables.put("GOOS", "wasip1");
            variables.put("GOARCH", "wasm");
            var compiler =
                    new SandboxCommand(command.arguments(), directory, variables, new byte[0]);
            SandboxOutcome outcome = cache.during(() -> sandbox.run(compiler, granted));
            return switch (outcome) {
                case SandboxOutcome.TimedOut timedOut ->
                        limited(
                                "compiling took longer than "
                                        + timedOut.limit().toSeconds()
                                        + " s");
                case SandboxOutcome.TooManyProcesses many ->
                        limited("compiling took more than " + many.limit() + " processes");
                case SandboxOutcome.Exited exited when exited.status() == 0 ->
                        compiled(directory.resolve(MODULE), inspection);
                case SandboxOutcome.Exited exited -> failed(command, exited, inspection, granted);
            };
        } catch (IOException e) {
            throw new BuildMachineException("build directory", e);
        }
    }

    private static Compilation compiled(Path module, Inspection inspection) throws IOException {
        long bytes = Files.size(module);
        if (bytes > MODULE_BYTES_MAX) {
            return tooLarge("module: " + bytes + " bytes");
        }
        return new Compilation.Compiled(
                Files.readAllBytes(module), inspection.signatures(), /* wrapped= */ true);
    }

    private static Compilation tooLarge(String message) {
        return Compilation.Refused.of(
                new SourceProblem(
                        0,
                        0,
                        "WASM_TOO_LARGE",
                        message + " (expected: at most " + MODULE_BYTES_MAX + " bytes)",
                        "move data out of the program"));
    }

    private static Compilation failed(
            Command command,
            SandboxOutcome.Exited exited,
            Inspection inspection,
            SandboxLimits granted)
            throws BuildMachineException {
        String output = exited.errors() + "\n" + new String(exited.output(), UTF_8);
        List<SourceProblem> problems = CompilerMessages.parse(output, inspection, command.hint());
        if (!problems.isEmpty()) {
            return new Compilation.Refused(problems);
        }
        String said = excerpt(output);
        if (MachineFaults.isNamedIn(output)) {
            throw new BuildMachineException("the compiler failed: " + said);
        }
        if (exited.isOutOfMeans()) {
            return limited("the compiler ran out of memory or of processor time");
        }
        if (output.contains("file too large")) {
            return tooLarge("module: more than " + granted.fileMib() + " MiB");
        }
        return new Compilation.Inconclusive(
                new SourceProblem(
                        0,
                        0,
                        "GO_COMPILE",
                        "the compiler failed with status " + exited.status() + ": " + said,
                        command.hint()));
    }

    private static Compilation limited(String message) {
        return new Compilation.Inconclusive(
                new SourceProblem(
                        0,
                        0,
                        "GO_BUILD_LIMIT",
                        message,
                        "make the program smaller: large constant tables and deeply nested generic"
                                + " types cost most"));
    }

    private static String excerpt(String output) {
        String text = output.strip();
        int max = 2_000;
        return text.length() <= max ? text : text.substring(0, max) + " …";
    }

    private Inspector inspector() throws BuildMachineException, InterruptedException {
        Inspector present = inspector;
        if (present != null) {
            return present;
        }
        preparing.lockInterruptibly();
        try {
            present = inspector;
            if (present == null) {
                present = Inspector.obtain(sandbox, go);
                inspector = present;
            }
            return present;
        } finally {
            preparing.unlock();
        }
    }

    /// How to call a compiler.
    ///
    /// @param hint for errors that have none of their own; may be empty
    record Command(List<String> arguments, String hint) {
        Command {
            arguments = List.copyOf(arguments);
            requireNonNull(hint, "hint");
        }
    }
}
