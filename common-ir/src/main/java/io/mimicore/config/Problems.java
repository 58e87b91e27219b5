package io.mimicore.config;

import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.diagnostics.DiagnosticCode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Collects the problems of one file. Confined to the thread that reads the file.
final class Problems {
    /// Problems that are kept of one file. Ours: more than anyone reads, and little memory.
    static final int KEPT_MAX = 1_000;

    private final SourceText source;
    private final List<Diagnostic> found = new ArrayList<>();
    private int errors;
    private @Nullable Diagnostic firstLeftOut;

    Problems(SourceText source) {
        this.source = source;
    }

    SourceText source() {
        return source;
    }

    /// An error at a value.
    void error(LocatedJson at, DiagnosticCode code, String message, String hint) {
        error(at.offset(), at.pointer(), code, message, hint);
    }

    /// An error inside a string, at a character of its value.
    void errorInside(LocatedJson.Text at, int decodedOffset, DiagnosticCode code, Wording wording) {
        int offset = source.offsetInside(at.offset(), decodedOffset);
        error(offset, at.pointer(), code, wording.message(), wording.hint());
    }

    /// An error at an offset of the file.
    void error(int offset, Pointer pointer, DiagnosticCode code, String message, String hint) {
        add(Diagnostic.error(source.place(offset, pointer), code, message, hint));
    }

    /// A warning at a value.
    void warning(LocatedJson at, DiagnosticCode code, String message, String hint) {
        add(Diagnostic.warning(source.place(at.offset(), at.pointer()), code, message, hint));
    }

    void add(Diagnostic diagnostic) {
        if (diagnostic.isError()) {
            errors++;
        }
        if (found.size() < KEPT_MAX) {
            found.add(diagnostic);
        } else if (firstLeftOut == null) {
            firstLeftOut =
                    Diagnostic.error(
                            diagnostic.place(),
                            DiagnosticCode.LIMIT,
                            "problems: more than " + KEPT_MAX + " (expected: fewer)",
                            "mend what is listed first; the others are left out");
        }
    }

    /// Number of errors up to now; to tell whether a part of the file is right.
    int errors() {
        return errors;
    }

    /// Everything found, by place.
    List<Diagnostic> sorted() {
        return Stream.concat(found.stream(), Stream.ofNullable(firstLeftOut))
                .distinct()
                .sorted(Diagnostic.BY_PLACE)
                .toList();
    }

    /// What an error says.
    ///
    /// @param hint empty: none
    record Wording(String message, String hint) {}
}
