package io.mimicore.compiler.toolchain;

import io.mimicore.build.SourceProblem;
import io.mimicore.compiler.toolchain.Inspection.InspectedFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a Go compiler printed, as problems of the author's program.
final class CompilerMessages {
    /// Problems reported at once. More help nobody.
    static final int PROBLEMS_MAX = 50;

    /// Longest message, in characters: type errors can print whole structures.
    private static final int MESSAGE_CHARS_MAX = 2_000;

    private static final Pattern PLACED =
            Pattern.compile("(?:\\S*/)?(main|mimicore_abi)\\.go:(\\d{1,9})(?::(\\d{1,9}))?: (.*)");
    private static final Pattern GENERATED =
            Pattern.compile("^func mimicoreABI_(?:export|json|warm)_([A-Za-z0-9_]+)\\W.*");

    private final Inspection inspection;
    private final String hint;
    private final List<SourceProblem> problems = new ArrayList<>();

    private CompilerMessages(Inspection inspection, String hint) {
        this.inspection = inspection;
        this.hint = hint;
    }

    /// The placed problems in `output`, sorted as printed. Empty: there is none, and the output
    /// means something else.
    ///
    /// @param hint for problems that have none of their own; may be empty
    static List<SourceProblem> parse(String output, Inspection inspection, String hint) {
        var messages = new CompilerMessages(inspection, hint);
        messages.read(output);
        return messages.problems.stream().distinct().limit(PROBLEMS_MAX).toList();
    }

    private void read(String output) {
        @Nullable Matcher open = null;
        StringBuilder message = new StringBuilder();
        for (String line : output.lines().toList()) {
            Matcher placed = PLACED.matcher(line);
            if (placed.matches()) {
                close(open, message);
                open = placed;
                message.append(placed.group(4));
            } else if (open != null && line.startsWith("\t")) {
                message.append("; ").append(line.strip());
            } else {
                close(open, message);
                open = null;
            }
        }
        close(open, message);
    }

    private void close(@Nullable Matcher placed, StringBuilder message) {
        if (placed != null) {
            String text = shortened(message.toString());
            int line = Integer.parseInt(placed.group(2));
            String column = placed.group(3);
            problems.add(
                    placed.group(1).equals("main")
                            ? new SourceProblem(
                                    line,
                                    column == null ? 0 : Integer.parseInt(column),
                                    "GO_COMPILE",
                                    text,
                                    hintFor(text))
                            : generated(line, text));
        }
        message.setLength(0);
    }

    /// A problem in the generated file concerns the function it was generated for.
    private SourceProblem generated(int line, String text) {
        String readable = text.replace("mimicoreABI_", "");
        InspectedFunction function = functionAt(line);
        if (function == null) {
            return new SourceProblem(
                    0,
                    0,
                    "GO_EXPORT",
                    "the code that calls the exported functions does not compile: " + readable,
                    "compare the names of the program with Go's own");
        }
        return new SourceProblem(
                function.line(),
                function.column(),
                "GO_EXPORT",
                "func " + function.signature().name() + " cannot be exported: " + readable,
                "use parameter and result types that encoding/json can carry");
    }

    private @Nullable InspectedFunction functionAt(int line) {
        List<String> lines = inspection.abi().lines().limit(line).toList();
        for (String text : lines.reversed()) {
            Matcher matcher = GENERATED.matcher(text);
            if (matcher.matches()) {
                return inspection.functions().stream()
                        .filter(function -> function.signature().name().equals(matcher.group(1)))
                        .findFirst()
                        .orElse(null);
            }
        }
        return null;
    }

    private String hintFor(String message) {
        if (message.contains("imported and not used")) {
            return "delete the import";
        }
        if (message.startsWith("declared and not used")) {
            return "use it or delete it; _ stands for a value nobody needs";
        }
        if (message.startsWith("missing return")) {
            return "end the function with a return statement";
        }
        return hint;
    }

    private static String shortened(String message) {
        return message.length() <= MESSAGE_CHARS_MAX
                ? message
                : message.substring(0, MESSAGE_CHARS_MAX) + " …";
    }
}
