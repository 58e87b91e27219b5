package io.mimicore.template;

import static java.util.Objects.requireNonNull;

import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.Argument;
import io.mimicore.ir.Expression;
import io.mimicore.ir.Filter;
import io.mimicore.ir.JsonPrinter;
import io.mimicore.ir.JsonTemplate;
import io.mimicore.ir.JsonValue;
import io.mimicore.ir.TextTemplate;
import io.mimicore.ir.UnicodeText;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Compiles an author's strings to templates, and reports everything that is wrong with them.
///
/// What is wrong is left out of the result, which therefore must not be used when there was a
/// problem. The work is linear in the string's length. Not thread-safe, because the consumer need
/// not be.
public final class TemplateCompiler {
    private static final String OPEN = "{{";
    private static final String CLOSE = "}}";

    private final Scope scope;
    private final Consumer<TemplateProblem> problems;

    /// A compiler for strings that may use the names in `scope`.
    ///
    /// @param problems takes each problem as it is found, at most 20 of one string
    public TemplateCompiler(Scope scope, Consumer<TemplateProblem> problems) {
        this.scope = requireNonNull(scope, "scope");
        this.problems = requireNonNull(problems, "problems");
    }

    /// A string that becomes text: a URL, a header, a text body.
    public TextTemplate text(String source) {
        return text(pieces(source));
    }

    /// A string of a JSON text: the JSON string with its quotes or, for exactly one expression
    /// ending in `| json`, that value.
    public List<JsonTemplate.Part> jsonString(String source) {
        List<Piece> pieces = pieces(source);
        if (pieces.size() == 1
                && pieces.getFirst() instanceof Piece.Hole(Expression expression)
                && isJson(expression)) {
            return List.of(new JsonTemplate.Value(withoutJson(expression)));
        }
        List<JsonTemplate.Part> parts = new ArrayList<>();
        StringBuilder raw = new StringBuilder("\"");
        for (Piece piece : pieces) {
            switch (piece) {
                case Piece.Text(String text) -> JsonPrinter.escape(text, raw);
                case Piece.Hole(Expression expression) -> {
                    if (!raw.isEmpty()) {
                        parts.add(new JsonTemplate.Raw(raw.toString()));
                        raw.setLength(0);
                    }
                    parts.add(new JsonTemplate.InString(expression));
                }
            }
        }
        parts.add(new JsonTemplate.Raw(raw.append('"').toString()));
        return parts;
    }

    /// A string that is an argument of user code: the value itself of exactly one expression, with
    /// or without `| json` at its end; otherwise text.
    public Argument argument(String source) {
        List<Piece> pieces = pieces(source);
        if (pieces.isEmpty()) {
            return constant("");
        }
        if (pieces.size() > 1) {
            return new Argument.Text(text(pieces));
        }
        return switch (pieces.getFirst()) {
            case Piece.Text(String text) -> constant(text);
            case Piece.Hole(Expression expression) ->
                    new Argument.Computed(withoutJson(expression));
        };
    }

    /// A piece of a string. A hole that holds nothing but a text is that text: this is how a
    /// literal `{{` is written.
    private sealed interface Piece {
        record Text(String text) implements Piece {}

        record Hole(Expression expression) implements Piece {}
    }

    private static TextTemplate text(List<Piece> pieces) {
        List<TextTemplate.Part> parts = new ArrayList<>();
        for (Piece piece : pieces) {
            parts.add(
                    switch (piece) {
                        case Piece.Text(String text) -> new TextTemplate.Literal(text);
                        case Piece.Hole(Expression expression) -> new TextTemplate.Hole(expression);
                    });
        }
        return new TextTemplate(parts);
    }

    /// The pieces of a string; no text is empty, and none is next to another.
    private List<Piece> pieces(String source) {
        ProblemSink sink = new ProblemSink(problems);
        reportUnpairedSurrogate(source, sink);
        List<Piece> pieces = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        int at = 0;
        int open = source.indexOf(OPEN);
        while (open >= 0 && !sink.isFull()) {
            text.append(source, at, open);
            HoleParser parser =
                    new HoleParser(
                            source, new ProblemSink.Span(open, open + OPEN.length()), scope, sink);
            try {
                addHole(parser.parse(), text, pieces);
                at = parser.end();
            } catch (TemplateSyntaxException e) {
                sink.report(e.problem());
                at = resume(source, parser.errorAt());
            }
            open = source.indexOf(OPEN, at);
        }
        text.append(source, at, source.length());
        flush(text, pieces);
        return pieces;
    }

    private static void addHole(Expression expression, StringBuilder text, List<Piece> pieces) {
        if (expression instanceof Expression.Constant(JsonValue.JsonText(String literal))) {
            text.append(literal);
        } else {
            flush(text, pieces);
            pieces.add(new Piece.Hole(expression));
        }
    }

    private static void flush(StringBuilder text, List<Piece> pieces) {
        if (!text.isEmpty()) {
            pieces.add(new Piece.Text(text.toString()));
            text.setLength(0);
        }
    }

    /// Where reading goes on behind a wrong hole: behind its `}}`, or at the next `{{`. Quoted text
    /// is passed over; behind a quote that nothing closes, quotes mean nothing.
    private static int resume(String source, int from) {
        boolean quotes = true;
        int at = from;
        while (at < source.length()) {
            if (source.startsWith(CLOSE, at)) {
                return at + CLOSE.length();
            }
            if (source.startsWith(OPEN, at)) {
                return at;
            }
            char c = source.charAt(at);
            at++;
            if (quotes && (c == '\'' || c == '"')) {
                int end = HoleLexer.quotedEnd(source, at - 1);
                quotes = end >= 0;
                at = Math.max(at, end);
            }
        }
        return at;
    }

    private static void reportUnpairedSurrogate(String source, ProblemSink sink) {
        int index = UnicodeText.unpairedSurrogate(source);
        if (index >= 0) {
            sink.report(
                    new ProblemSink.Span(index, index + 1),
                    DiagnosticCode.TEMPLATE_SYNTAX,
                    "text: an unpaired surrogate (expected: Unicode text)",
                    "write both halves, as in \\ud83d\\ude00");
        }
    }

    private static boolean isJson(Expression expression) {
        return expression instanceof Expression.Filtered filtered
                && filtered.filter() == Filter.JSON;
    }

    private static Expression withoutJson(Expression expression) {
        return expression instanceof Expression.Filtered filtered
                        && filtered.filter() == Filter.JSON
                ? filtered.input()
                : expression;
    }

    private static Argument constant(String text) {
        return new Argument.Computed(new Expression.Constant(new JsonValue.JsonText(text)));
    }
}
