package io.mimicore.controlplane.catalog;

import io.mimicore.diagnostics.Diagnostic;
import java.util.List;

/// Is told what is wrong with files, for people to read.
@FunctionalInterface
public interface ProblemListener {
    /// The problems of one file have changed. Called by the catalog's thread: return soon.
    ///
    /// @param file the file's name, or the directory's for problems of a directory
    /// @param problems all that are known now, by place; empty: the file is mended or gone
    void changed(String file, List<Diagnostic> problems);
}
