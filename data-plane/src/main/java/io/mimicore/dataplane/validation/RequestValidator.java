package io.mimicore.dataplane.validation;

import io.mimicore.dataplane.extract.RequestReader;
import io.mimicore.dataplane.problem.Violation;
import io.mimicore.dataplane.problem.Violation.Location;
import io.mimicore.dataplane.value.Json;
import io.mimicore.ir.Validation;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Checks a request against all the rules of its route. Immutable.
public final class RequestValidator {
    private final List<FieldCheck> headers;

    /// The names of `headers` in lower case, in the same order.
    private final List<String> headerNames;

    private final List<FieldCheck> query;
    private final @Nullable BodyCheck body;

    private RequestValidator(
            List<FieldCheck> headers, List<FieldCheck> query, @Nullable BodyCheck body) {
        this.headers = headers;
        this.headerNames =
                headers.stream().map(check -> check.name().toLowerCase(Locale.ROOT)).toList();
        this.query = query;
        this.body = body;
    }

    /// The validator of a route.
    ///
    /// @param problems gets every rule that cannot be checked; the validator is not to be used when
    ///   there are any
    public static RequestValidator compile(Validation rules, List<RuleProblem> problems) {
        List<FieldCheck> headers =
                rules.headers().stream()
                        .map(rule -> FieldCheck.of(Location.HEADER, rule, problems))
                        .toList();
        List<FieldCheck> query =
                rules.query().stream()
                        .map(rule -> FieldCheck.of(Location.QUERY, rule, problems))
                        .toList();
        BodyCheck body = rules.body() == null ? null : BodyCheck.of(rules.body(), problems);
        return new RequestValidator(headers, query, body);
    }

    /// Whether there is nothing to check.
    public boolean isEmpty() {
        return headers.isEmpty() && query.isEmpty() && body == null;
    }

    /// Whether the body has to be read first.
    public boolean readsBody() {
        return body != null;
    }

    /// Whether the query has to be parsed first.
    public boolean readsQuery() {
        return !query.isEmpty();
    }

    /// Checks everything.
    ///
    /// @param violations gets all that is wrong: first of headers, then of the query, then of the
    ///   body
    public void check(RequestReader request, List<Violation> violations) {
        for (int i = 0; i < headers.size(); i++) {
            headers.get(i).check(request.header(headerNames.get(i)), violations);
        }
        for (FieldCheck check : query) {
            check.check(request.queryParameter(check.name()), violations);
        }
        if (body != null) {
            checkBody(body, request, violations);
        }
    }

    private static void checkBody(
            BodyCheck body, RequestReader request, List<Violation> violations) {
        try {
            body.check(request.bodyTree(), violations);
        } catch (Json.SyntaxException e) {
            violations.add(
                    new Violation(
                            Location.BODY,
                            "",
                            "syntax",
                            String.valueOf(e.getMessage()),
                            new Violation.Position(e.line(), e.column())));
        }
    }
}
