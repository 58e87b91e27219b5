package io.mimicore.template;

import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.Expression;
import io.mimicore.ir.Filter;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.Step;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finds what a path such as `svc.items[0]` names.
final class PathResolver {
    private static final List<String> WORDS = List.of("request", "true", "false", "null");

    /// Longer names are not repeated in a hint.
    private static final int DEFINITION_CHARS_MAX = 40;

    private final Scope scope;
    private final ProblemSink problems;
    private final RequestResolver request;

    PathResolver(Scope scope, ProblemSink problems) {
        this.scope = scope;
        this.problems = problems;
        this.request = new RequestResolver(scope, problems);
    }

    /// A step with its place in the string.
    record Segment(Step step, ProblemSink.Span span) {}

    /// The value that a path names; absent: none, which has been reported.
    @Nullable Expression resolve(Token name, List<Segment> segments) {
        if (name.text().equals("request")) {
            return request.resolve(name, segments);
        }
        Integer slot = scope.variables().get(name.text());
        if (slot == null) {
            reportUnknown(name);
            return null;
        }
        return new Expression.Variable(slot, segments.stream().map(Segment::step).toList());
    }

    private void reportUnknown(Token name) {
        if (problems.isFull()) {
            return;
        }
        String expected =
                scope.variables().isEmpty()
                        ? "a name that the route defines; it defines none"
                        : Wording.oneOf(scope.variables().keySet());
        problems.report(
                name.span(),
                DiagnosticCode.NAME_UNKNOWN,
                Wording.shown(name.text()) + ": unknown name (expected: " + expected + ")",
                hint(name.text()));
    }

    private String hint(String name) {
        List<FunctionSignature> functions = scope.functions();
        if (functions != null
                && functions.stream().anyMatch(function -> function.name().equals(name))) {
            return name + " is a function: call it as " + name + "(...)";
        }
        if (Filter.named(name) != null) {
            return name + " is a filter: write x | " + name;
        }
        if (name.length() > DEFINITION_CHARS_MAX) {
            return "";
        }
        boolean isParameter = scope.pathParameters().contains(name);
        String definition =
                "define it in transform.extract: \""
                        + name
                        + "\": {\"from\": \""
                        + (isParameter ? "path." : "query.")
                        + name
                        + "\"}";
        if (isParameter) {
            return "write request.path." + name + ", or " + definition;
        }
        List<String> candidates = new ArrayList<>(scope.variables().keySet());
        candidates.addAll(WORDS);
        String near = Wording.didYouMean(name, candidates);
        return near.isEmpty() ? definition : near + " otherwise " + definition;
    }
}
