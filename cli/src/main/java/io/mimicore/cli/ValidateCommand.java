package io.mimicore.cli;

import io.mimicore.config.ConfigFile;
import io.mimicore.controlplane.catalog.FileCheck;
import io.mimicore.diagnostics.Diagnostic;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `mimicore validate`: every problem of every file, without serving anything.
@Command(
        name = "validate",
        description = {
            "Checks config files as 'up' would, their Go code included, and serves nothing.",
            "",
            "Prints every problem of every file. Exit code 0: all can go live; 1: at least one cannot."
        },
        mixinStandardHelpOptions = true)
final class ValidateCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(
            arity = "1..*",
            paramLabel = "FILE|DIR",
            description = "Config files, or directories whose .json files are checked.")
    private List<Path> paths;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "human",
            description = "How to print: ${COMPLETION-CANDIDATES} (default: human).")
    private OutputFormat output;

    @Override
    public Integer call() throws InterruptedException {
        ConfigPaths files = ConfigPaths.of(paths);
        List<FileReport> reports = FileReport.withDuplicates(check(files));
        PrintWriter out = spec.commandLine().getOut();
        if (output == OutputFormat.json) {
            out.println(
                    DiagnosticsJson.print(
                            DiagnosticsJson.of(reports.size(), FileReport.diagnostics(reports))));
        } else {
            FileReport.print(reports, out);
        }
        out.flush();
        boolean refused = FileReport.diagnostics(reports).stream().anyMatch(Diagnostic::isError);
        return refused ? ExitCode.REFUSED : ExitCode.DONE;
    }

    private List<FileReport> check(ConfigPaths files) throws InterruptedException {
        try (ValidationBuilds builds = ValidationBuilds.open();
                ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            FileCheck check = builds.check();
            List<Future<FileReport>> running = new ArrayList<>();
            for (Path file : files.all()) {
                running.add(executor.submit(() -> check(check, files, file)));
            }
            List<FileReport> reports = new ArrayList<>();
            for (Future<FileReport> report : running) {
                reports.add(result(report));
            }
            return reports;
        }
    }

    private static FileReport result(Future<FileReport> report) throws InterruptedException {
        try {
            return report.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a check failed: " + e.getCause(), e.getCause());
        }
    }

    private static FileReport check(FileCheck check, ConfigPaths files, Path path)
            throws InterruptedException {
        try {
            ConfigFile file = files.read(path);
            Path parent = path.toAbsolutePath().getParent();
            return new FileReport(file, check.check(file, parent == null ? path : parent));
        } catch (IOException e) {
            return FileReport.unreadable(path, e);
        }
    }
}
