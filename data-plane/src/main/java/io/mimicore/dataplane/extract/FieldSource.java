package io.mimicore.dataplane.extract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.dataplane.http.Exchange;
import io.mimicore.dataplane.problem.Violation;
import io.mimicore.dataplane.routing.PathParameters;
import io.mimicore.dataplane.value.Utf8;
import io.mimicore.ir.RequestField;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A part of the request, ready to be read. Immutable.
public final class FieldSource {
    private final RequestField field;

    /// The name to ask for: a header's in lower case, everything else as in the config.
    private final String name;

    /// For a path parameter its index, else 0.
    private final int index;

    private FieldSource(RequestField field, String name, int index) {
        this.field = field;
        this.name = name;
        this.index = index;
    }

    /// The source of a field.
    ///
    /// @param parameters those of the route's path
    /// @throws IllegalArgumentException if the path has no such parameter
    public static FieldSource of(RequestField field, PathParameters parameters) {
        return switch (field) {
            case RequestField.Method _ -> new FieldSource(field, "method", 0);
            case RequestField.Path _ -> new FieldSource(field, "path", 0);
            case RequestField.Host _ -> new FieldSource(field, "host", 0);
            case RequestField.Id _ -> new FieldSource(field, "id", 0);
            case RequestField.PathParameter parameter ->
                    new FieldSource(field, parameter.name(), indexOf(parameter, parameters));
            case RequestField.Query query -> new FieldSource(field, query.name(), 0);
            case RequestField.Header header ->
                    new FieldSource(field, header.name().toLowerCase(Locale.ROOT), 0);
            case RequestField.Cookie cookie -> new FieldSource(field, cookie.name(), 0);
            case RequestField.Body _ -> new FieldSource(field, "", 0);
        };
    }

    /// Whether the body has to be read first.
    public boolean isBody() {
        return field instanceof RequestField.Body;
    }

    /// Whether the query has to be valid.
    public boolean isQuery() {
        return field instanceof RequestField.Query;
    }

    /// Where a violation of this part is.
    Violation.Location location() {
        return switch (field) {
            case RequestField.Method _,
                    RequestField.Path _,
                    RequestField.Host _,
                    RequestField.Id _ ->
                    Violation.Location.REQUEST;
            case RequestField.PathParameter _ -> Violation.Location.PATH;
            case RequestField.Query _ -> Violation.Location.QUERY;
            case RequestField.Header _ -> Violation.Location.HEADER;
            case RequestField.Cookie _ -> Violation.Location.COOKIE;
            case RequestField.Body _ -> Violation.Location.BODY;
        };
    }

    /// The name of the place of a violation.
    String place() {
        return switch (field) {
            case RequestField.Header header -> header.name();
            case RequestField.Body _,
                    RequestField.Cookie _,
                    RequestField.Host _,
                    RequestField.Id _,
                    RequestField.Method _,
                    RequestField.Path _,
                    RequestField.PathParameter _,
                    RequestField.Query _ ->
                    name;
        };
    }

    /// The text of any part but the body, or `null` when the request has none.
    @Nullable String text(RequestReader reader) {
        Exchange exchange = reader.exchange();
        return switch (field) {
            case RequestField.Method _ -> exchange.method();
            case RequestField.Path _ -> exchange.path();
            case RequestField.Host _ -> exchange.host();
            case RequestField.Id _ -> exchange.requestId();
            case RequestField.PathParameter _ -> reader.pathParameter(index);
            case RequestField.Query _ -> reader.query().first(name);
            case RequestField.Header _ -> headerText(exchange.header(name));
            case RequestField.Cookie _ -> cookie(headerText(exchange.header("cookie")), name);
            case RequestField.Body _ ->
                    throw new IllegalStateException("field: body (expected: a text)");
        };
    }

    /// Header values come as Latin-1 (RFC 9110 §5.5); nearly everyone who sends more than ASCII
    /// sends UTF-8.
    static @Nullable String headerText(@Nullable String value) {
        if (value == null || value.chars().allMatch(c -> c < 0x80)) {
            return value;
        }
        byte[] bytes = value.getBytes(ISO_8859_1);
        return Utf8.isValid(bytes) ? new String(bytes, UTF_8) : value;
    }

    /// The first cookie of the name in a `Cookie` field (RFC 6265 §4.2.1), its value as sent.
    private static @Nullable String cookie(@Nullable String header, String name) {
        if (header == null) {
            return null;
        }
        int from = 0;
        while (from < header.length()) {
            int semicolon = header.indexOf(';', from);
            int to = semicolon < 0 ? header.length() : semicolon;
            int equals = header.indexOf('=', from, to);
            if (equals >= 0 && header.substring(from, equals).strip().equals(name)) {
                return header.substring(equals + 1, to).strip();
            }
            from = to + 1;
        }
        return null;
    }

    private static int indexOf(RequestField.PathParameter parameter, PathParameters parameters) {
        int index = parameters.indexOf(parameter.name());
        if (index < 0) {
            throw new IllegalArgumentException(
                    "parameter: " + parameter.name() + " (expected: one of the path's)");
        }
        return index;
    }
}
