package io.mimicore.dataplane.extract;

import io.mimicore.dataplane.http.Exchange;
import io.mimicore.dataplane.problem.Violation;
import io.mimicore.dataplane.routing.PathParameters;
import io.mimicore.dataplane.value.Json;
import io.mimicore.dataplane.value.Value;
import io.mimicore.ir.Step;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What a route reads of one request: parsed when it is asked for, and at most once.
///
/// Confined to the exchange's event loop.
public final class RequestReader {
    private static final byte[] NO_BYTES = {};

    private final Exchange exchange;
    private final PathParameters parameters;
    private byte[] body = NO_BYTES;
    private @Nullable QueryParameters query;
    private @Nullable JsonNode tree;
    private Json.@Nullable SyntaxException syntax;

    /// @param parameters those of the pattern that matched the request's path
    public RequestReader(Exchange exchange, PathParameters parameters) {
        this.exchange = exchange;
        this.parameters = parameters;
    }

    /// Gives the body, before anything asks for it.
    public void body(byte[] bytes) {
        body = bytes;
    }

    /// The body; empty when the request has none or it has not been read.
    public byte[] body() {
        return body;
    }

    /// Parses the query; required before anything asks for a parameter.
    ///
    /// @return the violation when it is not valid percent-encoded UTF-8, else `null`
    public @Nullable Violation parseQuery() {
        query = QueryParameters.parse(exchange.query());
        return query == null
                ? Violation.of(
                        Violation.Location.QUERY, "", "encoding", "not valid percent-encoded UTF-8")
                : null;
    }

    /// The first query parameter of a name, or `null`.
    public @Nullable String queryParameter(String name) {
        return query().first(name);
    }

    /// A header as text, or `null`.
    ///
    /// @param name in lower case
    public @Nullable String header(String name) {
        return FieldSource.headerText(exchange.header(name));
    }

    /// The body as JSON.
    ///
    /// @throws Json.SyntaxException when it is none
    public JsonNode bodyTree() throws Json.SyntaxException {
        if (syntax != null) {
            throw syntax;
        }
        if (tree == null) {
            try {
                tree = Json.parse(body);
            } catch (Json.SyntaxException e) {
                syntax = e;
                throw e;
            }
        }
        return tree;
    }

    /// A part of the request as a value; missing where there is none.
    ///
    /// @param steps the way into a JSON body
    public Value value(FieldSource source, List<Step> steps) {
        if (!source.isBody()) {
            String text = source.text(this);
            return text == null ? Value.MISSING : new Value.Text(text);
        }
        if (steps.isEmpty()) {
            return body.length == 0 ? Value.MISSING : new Value.Raw(body);
        }
        try {
            JsonNode part = Json.part(bodyTree(), steps);
            return part == null ? Value.MISSING : Json.value(part);
        } catch (Json.SyntaxException e) {
            return Value.MISSING;
        }
    }

    Exchange exchange() {
        return exchange;
    }

    QueryParameters query() {
        if (query == null) {
            throw new IllegalStateException("query: not parsed (expected: parseQuery first)");
        }
        return query;
    }

    String pathParameter(int index) {
        return parameters.value(exchange.path(), index);
    }
}
