package io.mimicore.template;

import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.Expression;
import io.mimicore.ir.RequestField;
import io.mimicore.ir.Step;
import io.mimicore.template.PathResolver.Segment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finds the part of the request that `request.…` names.
final class RequestResolver {
    private static final List<String> PARTS =
            List.of("method", "path", "host", "id", "query", "header", "cookie", "body");
    private static final String EXPECTED =
            "request.method, .path, .path.NAME, .host, .id, .query.NAME, .header.NAME,"
                    + " .cookie.NAME or .body";

    private final Scope scope;
    private final ProblemSink problems;

    RequestResolver(Scope scope, ProblemSink problems) {
        this.scope = scope;
        this.problems = problems;
    }

    /// The part that is named; absent: none, which has been reported.
    @Nullable Expression resolve(Token request, List<Segment> segments) {
        if (segments.isEmpty()) {
            return unknown(request.span(), "request: not a value (expected: " + EXPECTED + ")", "");
        }
        Segment first = segments.getFirst();
        List<Segment> rest = segments.subList(1, segments.size());
        if (!(first.step() instanceof Step.Field field)) {
            return unknown(first.span(), "request: no array (expected: " + EXPECTED + ")", "");
        }
        String part = field.name();
        return switch (part) {
            case "method" -> whole(part, new RequestField.Method(), rest);
            case "host" -> whole(part, new RequestField.Host(), rest);
            case "id" -> whole(part, new RequestField.Id(), rest);
            case "path" ->
                    rest.isEmpty() ? value(new RequestField.Path()) : pathParameter(first, rest);
            case "query", "header", "cookie" -> named(part, first, rest);
            case "body" ->
                    new Expression.RequestValue(
                            new RequestField.Body(), rest.stream().map(Segment::step).toList());
            default ->
                    unknown(
                            first.span(),
                            "request."
                                    + Wording.shown(part)
                                    + ": no part of a request (expected: "
                                    + EXPECTED
                                    + ")",
                            Wording.didYouMean(part, PARTS));
        };
    }

    private @Nullable Expression whole(String part, RequestField field, List<Segment> rest) {
        if (rest.isEmpty()) {
            return value(field);
        }
        return unknown(
                rest.getFirst().span(),
                "request." + part + ": a text without parts (expected: request." + part + ")",
                "");
    }

    private @Nullable Expression pathParameter(Segment path, List<Segment> rest) {
        String name = name("path", path, rest);
        if (name.isEmpty()) {
            return null;
        }
        if (!scope.pathParameters().contains(name)) {
            String expected =
                    scope.pathParameters().isEmpty()
                            ? "a {name} of the route's path; it has none"
                            : Wording.oneOf(scope.pathParameters());
            return unknown(
                    rest.getFirst().span(),
                    "request.path."
                            + Wording.shown(name)
                            + ": not in the route's path (expected: "
                            + expected
                            + ")",
                    Wording.didYouMean(name, scope.pathParameters()));
        }
        return value(new RequestField.PathParameter(name));
    }

    private @Nullable Expression named(String part, Segment first, List<Segment> rest) {
        String name = name(part, first, rest);
        if (name.isEmpty()) {
            return null;
        }
        return value(
                switch (part) {
                    case "query" -> new RequestField.Query(name);
                    case "header" -> new RequestField.Header(name);
                    default -> new RequestField.Cookie(name);
                });
    }

    /// The one name behind `request.part`; empty when it is wrong, which has been reported.
    private String name(String part, Segment first, List<Segment> rest) {
        String whole = "request." + part;
        Segment second = rest.isEmpty() ? first : rest.getFirst();
        if (rest.isEmpty() || !(second.step() instanceof Step.Field field)) {
            unknown(second.span(), whole + ": not a value (expected: " + whole + ".NAME)", "");
            return "";
        }
        if (field.name().isEmpty()) {
            unknown(second.span(), whole + "[\"\"]: (expected: a name, not empty)", "");
            return "";
        }
        if (rest.size() > 1) {
            String text = whole + "." + Wording.shown(field.name());
            unknown(
                    rest.get(1).span(),
                    text + ": a text without parts (expected: " + text + ")",
                    "a name with dots is written " + whole + "[\"a.b\"]");
            return "";
        }
        return field.name();
    }

    private static Expression value(RequestField field) {
        return new Expression.RequestValue(field, List.of());
    }

    private @Nullable Expression unknown(ProblemSink.Span span, String message, String hint) {
        problems.report(span, DiagnosticCode.NAME_UNKNOWN, message, hint);
        return null;
    }
}
