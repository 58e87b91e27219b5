package io.mimicore.cli;

import io.mimicore.config.ConfigFile;
import io.mimicore.config.DiagnosticPrinter;
import io.mimicore.controlplane.catalog.ProblemListener;
import io.mimicore.diagnostics.Diagnostic;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Tells the person in front of the terminal what is wrong with their files, and when it is mended.
///
/// Called by the catalog's thread.
final class Console implements ProblemListener {
    private final PrintWriter err;
    private final Set<String> wrong = ConcurrentHashMap.newKeySet();

    Console(PrintWriter err) {
        this.err = err;
    }

    @Override
    public void changed(String file, List<Diagnostic> problems) {
        if (problems.isEmpty()) {
            if (wrong.remove(file)) {
                err.println(file + ": all problems are gone");
                err.flush();
            }
            return;
        }
        wrong.add(file);
        err.println(DiagnosticPrinter.of(current(file)).print(problems).stripTrailing());
        if (problems.stream().anyMatch(Diagnostic::isError)) {
            err.println(file + ": not served; what was live of it stays live");
        }
        err.flush();
    }

    /// The file's text, to show the lines in question. It may have changed since, or be a
    /// directory: then the headlines alone are printed.
    private static ConfigFile current(String file) {
        try {
            Path path = Path.of(file);
            if (Files.isRegularFile(path) && Files.size(path) <= ConfigFile.BYTES_MAX) {
                return new ConfigFile(file, Files.readAllBytes(path));
            }
        } catch (IOException _) {
            // The headlines are enough.
        }
        return new ConfigFile(file, new byte[0]);
    }
}
