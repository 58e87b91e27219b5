package io.mimicore.template;

import io.mimicore.diagnostics.DiagnosticCode;
import java.util.function.Consumer;

/// Takes the problems of one string, up to a limit.
final class ProblemSink {
    /// Most problems of one string. A string that is wrong everywhere would otherwise cost a look
    /// to its end for each of its holes.
    static final int PROBLEMS_MAX = 20;

    private final Consumer<TemplateProblem> problems;
    private int count;

    ProblemSink(Consumer<TemplateProblem> problems) {
        this.problems = problems;
    }

    /// Whether further problems are dropped.
    boolean isFull() {
        return count >= PROBLEMS_MAX;
    }

    void report(Span span, DiagnosticCode code, String message, String hint) {
        report(new TemplateProblem(span.start(), span.length(), code, message, hint));
    }

    void report(TemplateProblem problem) {
        if (!isFull()) {
            count++;
            problems.accept(problem);
        }
    }

    /// A piece of the string, by UTF-16 indexes; `end` is exclusive.
    record Span(int start, int end) {
        int length() {
            return end - start;
        }
    }
}
