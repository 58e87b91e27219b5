package io.mimicore.cli;

import io.mimicore.config.ConfigFile;
import io.mimicore.config.DiagnosticPrinter;
import io.mimicore.controlplane.catalog.FileCheck;
import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.diagnostics.Place;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A config file and what is known of it.
///
/// @param file without content: it could not be read
record FileReport(ConfigFile file, FileCheck.Checked checked) {
    /// A file that cannot be read.
    static FileReport unreadable(Path path, IOException cause) {
        Diagnostic unreadable =
                Diagnostic.error(
                        Place.of(path.toString(), 1, 1, ""),
                        DiagnosticCode.FILE_UNREADABLE,
                        Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                                ? "the file cannot be read: " + cause
                                : "there is no such file",
                        "");
        return new FileReport(
                new ConfigFile(path.toString(), new byte[0]),
                new FileCheck.Checked(null, unreadable.place(), List.of(unreadable)));
    }

    /// Adds what no file can know alone: that another file declares the same API.
    static List<FileReport> withDuplicates(List<FileReport> reports) {
        Map<String, String> first = new HashMap<>();
        List<FileReport> all = new ArrayList<>();
        for (FileReport report : reports) {
            String api = report.checked().api();
            String other = api == null ? null : first.putIfAbsent(api, report.file().name());
            all.add(other == null ? report : report.duplicating(other));
        }
        return all;
    }

    private FileReport duplicating(String other) {
        List<Diagnostic> diagnostics = new ArrayList<>(checked.diagnostics());
        diagnostics.add(
                Diagnostic.error(
                        checked.apiPlace(),
                        DiagnosticCode.DUPLICATE,
                        "api: " + checked.api() + " is declared by " + other + " as well",
                        "give one of them another name"));
        diagnostics.sort(Diagnostic.BY_PLACE);
        return new FileReport(file, checked.with(diagnostics));
    }

    /// Whether it cannot go live.
    boolean isWrong() {
        return checked.diagnostics().stream().anyMatch(Diagnostic::isError);
    }

    /// All diagnostics, in the order of files.
    static List<Diagnostic> diagnostics(List<FileReport> reports) {
        return reports.stream().flatMap(report -> report.checked().diagnostics().stream()).toList();
    }

    /// Prints all files' diagnostics for people, and how many errors there are.
    static void print(List<FileReport> reports, PrintWriter out) {
        reports.forEach(report -> report.print(out));
        long errors = diagnostics(reports).stream().filter(Diagnostic::isError).count();
        long wrong = reports.stream().filter(FileReport::isWrong).count();
        String files = reports.size() + (reports.size() == 1 ? " file" : " files");
        out.println(
                errors == 0
                        ? files + ", no errors"
                        : errors
                                + (errors == 1 ? " error" : " errors")
                                + " in "
                                + wrong
                                + " of "
                                + files);
    }

    private void print(PrintWriter out) {
        if (!checked.diagnostics().isEmpty()) {
            out.println(DiagnosticPrinter.of(file).print(checked.diagnostics()).stripTrailing());
            out.println();
        }
    }
}
