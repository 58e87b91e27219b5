package io.mimicore.template;

import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.Expression;
import io.mimicore.ir.JsonValue;
import io.mimicore.ir.Step;
import io.mimicore.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Reads one hole by recursive descent.
///
/// ```text
/// hole       = expression "}}"
/// expression = primary { "|" name [ arguments ] }
/// primary    = number | text | "true" | "false" | "null" | name arguments | path
/// arguments  = "(" [ expression { "," expression } ] ")"
/// path       = name { "." name | "[" index "]" | "[" text "]" }
/// ```
final class HoleParser {
    private static final Pattern INDEX = Pattern.compile("[0-9]{1,9}");
    private static final int NUMBER_CHARS_MAX = 1_000;
    private static final String VALUE =
            "a value: a name, a number, 'text', true, false, null or a call f(x)";

    private final HoleLexer lexer;
    private final ProblemSink.Span open;
    private final PathResolver paths;
    private final CallResolver calls;
    private final ProblemSink problems;
    private Token token;
    private int end;

    /// @param open the place of the hole's `{{`
    HoleParser(String source, ProblemSink.Span open, Scope scope, ProblemSink problems) {
        this.lexer = new HoleLexer(source, open.end(), problems);
        this.open = open;
        this.paths = new PathResolver(scope, problems);
        this.calls = new CallResolver(scope, problems);
        this.problems = problems;
        this.token = lexer.next();
        this.end = open.end();
    }

    /// The hole's expression. What is wrong with names is reported and replaced by a constant.
    ///
    /// @throws TemplateSyntaxException if the hole cannot be read to its end
    Expression parse() throws TemplateSyntaxException {
        if (token.is(Kind.CLOSE)) {
            throw found(VALUE, "a literal {{ is written {{'{{'}}");
        }
        Node node = expression(1);
        if (!token.is(Kind.CLOSE)) {
            throw found("| or }}", hintAfterExpression());
        }
        // Not by advance(), which would read on in the text behind the hole.
        end = token.end();
        return node.expression();
    }

    /// The index behind the last token that was used.
    int end() {
        return end;
    }

    /// Where the token stands that could not be used.
    int errorAt() {
        return token.start();
    }

    private Node expression(int depth) throws TemplateSyntaxException {
        requireHeight(depth, token);
        Node node = primary(depth);
        while (token.is(Kind.PIPE)) {
            advance();
            Token name =
                    take(
                            Kind.NAME,
                            "a filter's name",
                            token.is(Kind.PIPE) ? "a fallback is written x | default('a')" : "");
            List<Node> arguments = token.is(Kind.LEFT_PARENTHESIS) ? arguments(depth) : List.of();
            node = calls.filter(name, node, arguments);
            requireHeight(node.height(), name);
        }
        return node;
    }

    private Node primary(int depth) throws TemplateSyntaxException {
        Token first = token;
        if (first.is(Kind.NAME)) {
            return named(depth);
        }
        if (first.is(Kind.NUMBER)) {
            advance();
            return number(first);
        }
        if (first.is(Kind.TEXT)) {
            advance();
            return constant(new JsonValue.JsonText(first.text()), first);
        }
        if (first.is(Kind.MALFORMED_NUMBER)) {
            throw found("a JSON number such as 10 or -2.5", "");
        }
        throw found(VALUE, hintBeforeValue());
    }

    private Node named(int depth) throws TemplateSyntaxException {
        Token name = token;
        if (name.text().startsWith("$")) {
            throw found(VALUE, "it is a part of a call's result: write name." + name.text());
        }
        advance();
        if (token.is(Kind.LEFT_PARENTHESIS)) {
            Node call = calls.call(name, arguments(depth), end);
            requireHeight(call.height(), name);
            return call;
        }
        return switch (name.text()) {
            case "true" -> constant(new JsonValue.JsonBool(true), name);
            case "false" -> constant(new JsonValue.JsonBool(false), name);
            case "null" -> constant(new JsonValue.JsonNull(), name);
            default -> {
                Expression path = paths.resolve(name, segments());
                ProblemSink.Span span = new ProblemSink.Span(name.start(), end);
                yield path == null ? Node.unknown(span) : Node.leaf(path, span);
            }
        };
    }

    private List<Node> arguments(int depth) throws TemplateSyntaxException {
        advance();
        List<Node> arguments = new ArrayList<>();
        if (token.is(Kind.RIGHT_PARENTHESIS)) {
            advance();
            return arguments;
        }
        while (true) {
            arguments.add(expression(depth + 1));
            if (token.is(Kind.RIGHT_PARENTHESIS)) {
                advance();
                return arguments;
            }
            take(Kind.COMMA, ", or )", hintAfterExpression());
        }
    }

    private List<PathResolver.Segment> segments() throws TemplateSyntaxException {
        List<PathResolver.Segment> segments = new ArrayList<>();
        while (true) {
            if (token.is(Kind.DOT)) {
                advance();
                Token name = take(Kind.NAME, "a name behind the .", hintBehindDot());
                segments.add(new PathResolver.Segment(new Step.Field(name.text()), name.span()));
            } else if (token.is(Kind.LEFT_BRACKET)) {
                int start = token.start();
                advance();
                Step step = bracketed();
                Token close = take(Kind.RIGHT_BRACKET, "]", "");
                segments.add(
                        new PathResolver.Segment(step, new ProblemSink.Span(start, close.end())));
            } else {
                return segments;
            }
        }
    }

    private Step bracketed() throws TemplateSyntaxException {
        String expected = "an index from 0, such as [0], or a name in quotes, such as [\"a b\"]";
        if (token.is(Kind.TEXT)) {
            return new Step.Field(take(Kind.TEXT, expected, "").text());
        }
        if (token.is(Kind.NUMBER) && INDEX.matcher(token.text()).matches()) {
            return new Step.Index(Integer.parseInt(take(Kind.NUMBER, expected, "").text()));
        }
        if (token.is(Kind.NAME)) {
            throw found(expected, "write [\"" + token.text() + "\"]");
        }
        boolean isNumber = token.is(Kind.NUMBER) || token.is(Kind.MALFORMED_NUMBER);
        throw found(expected, isNumber ? "indexes count from 0, up to 9 digits" : "");
    }

    private Node number(Token token) {
        if (token.text().length() > NUMBER_CHARS_MAX) {
            problems.report(
                    token.span(),
                    DiagnosticCode.LIMIT,
                    "number: "
                            + token.text().length()
                            + " characters (expected: <= "
                            + NUMBER_CHARS_MAX
                            + ")",
                    "");
            return Node.unknown(token.span());
        }
        try {
            return constant(new JsonValue.JsonNumber(token.text()), token);
        } catch (NumberFormatException _) {
            // The grammar holds; what is left is an exponent that no arithmetic can take.
            problems.report(
                    token.span(),
                    DiagnosticCode.LIMIT,
                    "number: " + Wording.shown(token.text()) + " (expected: a smaller exponent)",
                    "");
            return Node.unknown(token.span());
        }
    }

    private static Node constant(JsonValue value, Token token) {
        return Node.leaf(new Expression.Constant(value), token.span());
    }

    private void requireHeight(int height, Token at) throws TemplateSyntaxException {
        if (height > Node.HEIGHT_MAX) {
            throw new TemplateSyntaxException(
                    new TemplateProblem(
                            at.start(),
                            at.end() - at.start(),
                            DiagnosticCode.LIMIT,
                            "expression: nested deeper than "
                                    + Node.HEIGHT_MAX
                                    + " (expected: <= "
                                    + Node.HEIGHT_MAX
                                    + " calls and filters within each other)",
                            "compute it in user_code"));
        }
    }

    private void advance() {
        end = token.end();
        token = lexer.next();
    }

    private Token take(Kind kind, String expected, String hint) throws TemplateSyntaxException {
        if (!token.is(kind)) {
            throw found(expected, hint);
        }
        Token taken = token;
        advance();
        return taken;
    }

    /// The problem of a token that does not fit. A hole that ends too early is a problem of its
    /// beginning: that is where the author must look.
    private TemplateSyntaxException found(String expected, String hint) {
        if (token.is(Kind.END) || token.is(Kind.OPEN)) {
            return new TemplateSyntaxException(
                    new TemplateProblem(
                            open.start(),
                            open.length(),
                            DiagnosticCode.TEMPLATE_SYNTAX,
                            "{{: not closed (expected: }})",
                            "a literal {{ is written {{'{{'}}"));
        }
        if (token.is(Kind.UNCLOSED_TEXT)) {
            return syntaxProblem(
                    token.text() + ": not closed (expected: " + token.text() + ")",
                    "a quote inside a text is written \\" + token.text());
        }
        return syntaxProblem("found " + shownToken() + " (expected: " + expected + ")", hint);
    }

    private TemplateSyntaxException syntaxProblem(String message, String hint) {
        return new TemplateSyntaxException(
                new TemplateProblem(
                        token.start(),
                        token.end() - token.start(),
                        DiagnosticCode.TEMPLATE_SYNTAX,
                        message,
                        hint));
    }

    private String shownToken() {
        return Wording.shown(token.is(Kind.TEXT) ? "'" + token.text() + "'" : token.text());
    }

    private String hintBeforeValue() {
        return switch (token.text()) {
            case "{" -> "a hole has two braces, {{x}}; a literal {{ is written {{'{{'}}";
            case "(" -> "parentheses only hold the arguments of a call or a filter";
            case "#", "/" -> "there are no blocks; a hole holds one expression";
            default -> "";
        };
    }

    private String hintAfterExpression() {
        if (token.is(Kind.NAME) || token.is(Kind.NUMBER) || token.is(Kind.TEXT)) {
            return "a hole holds one expression; arguments go in parentheses";
        }
        if (token.is(Kind.UNKNOWN) && "+-*/%=<>!?:&".contains(token.text())) {
            return "templates have no operators; compute it in user_code";
        }
        return "";
    }

    private String hintBehindDot() {
        if (token.is(Kind.NUMBER) || token.is(Kind.MALFORMED_NUMBER)) {
            return "an element of an array is written [0]";
        }
        return token.is(Kind.TEXT) ? "a name in quotes is written [\"a b\"]" : "";
    }
}
