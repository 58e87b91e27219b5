package io.mimicore.cli;

import io.mimicore.config.ConfigFile;
import io.mimicore.config.DiagnosticPrinter;
import io.mimicore.controlplane.catalog.FileCheck;
import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.diagnostics.Place;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
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

    /// A file and what is known of it.
    ///
    /// @param file absent content: it could not be read
    private record Report(ConfigFile file, FileCheck.Checked checked) {}

    @Override
    public Integer call() throws InterruptedException {
        List<Path> files = files();
        List<Report> reports = check(files);
        reports = withDuplicates(reports);
        PrintWriter out = spec.commandLine().getOut();
        if (output == OutputFormat.json) {
            out.println(
                    DiagnosticsJson.print(
                            files.size(),
                            reports.stream()
                                    .flatMap(r -> r.checked().diagnostics().stream())
                                    .toList()));
        } else {
            printHuman(out, reports);
        }
        out.flush();
        boolean refused =
                reports.stream()
                        .flatMap(report -> report.checked().diagnostics().stream())
                        .anyMatch(Diagnostic::isError);
        return refused ? ExitCode.REFUSED : ExitCode.DONE;
    }

    private List<Path> files() {
        List<Path> files = new ArrayList<>();
        for (Path path : paths) {
            if (Files.isDirectory(path)) {
                try (Stream<Path> entries = Files.list(path)) {
                    entries.filter(ValidateCommand::isConfig).sorted().forEach(files::add);
                } catch (IOException e) {
                    throw new CommandFailure(
                            ExitCode.REFUSED, path + ": the directory cannot be read: " + e, e);
                }
            } else {
                files.add(path);
            }
        }
        return files;
    }

    private static boolean isConfig(Path path) {
        String name = path.getFileName().toString();
        return name.endsWith(".json") && !name.startsWith(".");
    }

    private List<Report> check(List<Path> files) throws InterruptedException {
        try (ValidationBuilds builds = ValidationBuilds.open();
                ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            FileCheck check = builds.check();
            List<Future<Report>> running = new ArrayList<>();
            for (Path file : files) {
                running.add(executor.submit(() -> check(check, file)));
            }
            List<Report> reports = new ArrayList<>();
            for (Future<Report> report : running) {
                reports.add(result(report));
            }
            return reports;
        }
    }

    private static Report result(Future<Report> report) throws InterruptedException {
        try {
            return report.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a check failed: " + e.getCause(), e.getCause());
        }
    }

    private Report check(FileCheck check, Path path) throws InterruptedException {
        String name = path.toString();
        try {
            ConfigFile file = new ConfigFile(name, read(path));
            Path parent = path.toAbsolutePath().getParent();
            return new Report(file, check.check(file, parent == null ? path : parent));
        } catch (IOException e) {
            Diagnostic unreadable =
                    Diagnostic.error(
                            Place.of(name, 1, 1, ""),
                            DiagnosticCode.FILE_UNREADABLE,
                            Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                                    ? "the file cannot be read: " + e
                                    : "there is no such file",
                            "");
            return new Report(
                    new ConfigFile(name, new byte[0]),
                    new FileCheck.Checked(null, unreadable.place(), List.of(unreadable)));
        }
    }

    /// One byte more than a config may have, at most. A pipe that was named is read to its end; in
    /// a directory, where nobody may ever write to it, it is no config.
    private byte[] read(Path path) throws IOException {
        if (!paths.contains(path) && Files.exists(path) && !Files.isRegularFile(path)) {
            throw new FileSystemException(
                    path.toString(), null, "not a regular file (expected: a regular file)");
        }
        try (InputStream in = Files.newInputStream(path)) {
            return in.readNBytes(ConfigFile.BYTES_MAX + 1);
        }
    }

    /// Adds what no file can know alone: that another file declares the same API.
    private static List<Report> withDuplicates(List<Report> reports) {
        Map<String, String> first = new HashMap<>();
        List<Report> all = new ArrayList<>();
        for (Report report : reports) {
            String api = report.checked().api();
            String other = api == null ? null : first.putIfAbsent(api, report.file().name());
            if (other == null) {
                all.add(report);
                continue;
            }
            List<Diagnostic> diagnostics = new ArrayList<>(report.checked().diagnostics());
            diagnostics.add(
                    Diagnostic.error(
                            report.checked().apiPlace(),
                            DiagnosticCode.DUPLICATE,
                            "api: " + api + " is declared by " + other + " as well",
                            "give one of them another name"));
            diagnostics.sort(Diagnostic.BY_PLACE);
            all.add(new Report(report.file(), report.checked().with(diagnostics)));
        }
        return all;
    }

    private static void printHuman(PrintWriter out, List<Report> reports) {
        long errors = 0;
        for (Report report : reports) {
            List<Diagnostic> diagnostics = report.checked().diagnostics();
            if (!diagnostics.isEmpty()) {
                out.println(DiagnosticPrinter.of(report.file()).print(diagnostics).stripTrailing());
                out.println();
            }
            errors += diagnostics.stream().filter(Diagnostic::isError).count();
        }
        long wrong =
                reports.stream()
                        .filter(r ->
                                r.checked().diagnostics().stream().anyMatch(Diagnostic::isError))
                        .count();
        out.println(
                errors == 0
                        ? reports.size()
                                + (reports.size() == 1 ? " file" : " files")
                                + ", no errors"
                        : errors
                                + (errors == 1 ? " error" : " errors")
                                + " in "
                                + wrong
                                + " of "
                                + reports.size()
                                + (reports.size() == 1 ? " file" : " files"));
    }
}
