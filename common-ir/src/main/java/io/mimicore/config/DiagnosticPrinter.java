package io.mimicore.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.diagnostics.Place;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Prints the problems of one file as compilers do: the headline, the line with a caret below the
/// place, the hint. Problems of inline Go show the line of Go as well.
///
/// Thread-safe.
public final class DiagnosticPrinter {
    /// Longest part of a line that is shown, in characters.
    private static final int SHOWN_MAX = 100;

    private static final String ELLIPSIS = "…";
    private static final String MARGIN = "    ";

    private final SourceText source;
    private final LocatedJson.@Nullable Text inlineSource;

    private DiagnosticPrinter(SourceText source, LocatedJson.@Nullable Text inlineSource) {
        this.source = source;
        this.inlineSource = inlineSource;
    }

    /// A printer for problems of this file.
    public static DiagnosticPrinter of(ConfigFile file) {
        // A file that is not UTF-8 is shown with a replacement character in the wrong place.
        String text = new String(file.content(), UTF_8);
        SourceText source =
                new SourceText(file.name(), text.startsWith("\uFEFF") ? text.substring(1) : text);
        LocatedJson root = LocatedJsonParser.parse(source, new Problems(source)).root();
        return new DiagnosticPrinter(source, inlineSource(root));
    }

    /// All problems, with an empty line between two.
    public String print(List<Diagnostic> diagnostics) {
        return diagnostics.stream().map(this::print).collect(Collectors.joining("\n"));
    }

    /// One problem, in lines that each end in `\n`.
    public String print(Diagnostic diagnostic) {
        StringBuilder out = new StringBuilder(diagnostic.headline()).append('\n');
        Place place = diagnostic.place();
        printLine(source.lineText(place.line()), place.column() - 1, out);
        if (place.goLine() > 0 && inlineSource != null) {
            printGo(inlineSource, place, out);
        }
        if (!diagnostic.hint().isEmpty()) {
            out.append("hint: ").append(diagnostic.hint()).append('\n');
        }
        return out.toString();
    }

    private void printGo(LocatedJson.Text literal, Place place, StringBuilder out) {
        int offset = source.offset(place.line(), place.column());
        int decoded = source.decodedOffset(literal.offset(), offset);
        String go = literal.text();
        int start = go.lastIndexOf('\n', decoded - 1) + 1;
        int end = go.indexOf('\n', decoded);
        out.append("inline_source line ").append(place.goLine()).append(":\n");
        printLine(go.substring(start, end < 0 ? go.length() : end), decoded - start, out);
    }

    private static void printLine(String line, int column, StringBuilder out) {
        if (line.isBlank()) {
            return;
        }
        int from = windowStart(line, column);
        int to = Math.min(line.length(), from + SHOWN_MAX);
        if (to < line.length() && Character.isLowSurrogate(line.charAt(to))) {
            to++;
        }
        String head = from > 0 ? ELLIPSIS : "";
        String tail = to < line.length() ? ELLIPSIS : "";
        out.append(MARGIN).append(head).append(line, from, to).append(tail).append('\n');
        out.append(MARGIN).append(" ".repeat(head.length()));
        for (int i = from; i < Math.min(column, line.length()); i++) {
            char c = line.charAt(i);
            // A tab stays a tab, so that the caret is below its character whatever tabs are wide.
            if (c == '\t') {
                out.append(c);
            } else if (!Character.isLowSurrogate(c)) {
                out.append(' ');
            }
        }
        out.append("^\n");
    }

    /// Where a long line is cut so that the place and what stands before it can be seen.
    private static int windowStart(String line, int column) {
        if (line.length() <= SHOWN_MAX) {
            return 0;
        }
        int start = Math.clamp((long) column - SHOWN_MAX / 2, 0, line.length() - SHOWN_MAX);
        return Character.isLowSurrogate(line.charAt(start)) ? start - 1 : start;
    }

    private static LocatedJson.@Nullable Text inlineSource(@Nullable LocatedJson root) {
        return root instanceof LocatedJson.Fields api
                        && api.find("user_code") instanceof LocatedJson.Fields code
                        && code.find("inline_source") instanceof LocatedJson.Text text
                ? text
                : null;
    }
}
