package io.mimicore.config;

import io.mimicore.diagnostics.Suggestions;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// The objects of the format and their fields, in the order the documentation lists them.
enum FormatObject {
    API(
            "an API",
            "at the top of the file",
            "api",
            "version",
            "mode",
            "hosts",
            "rate_limit",
            "cors",
            "user_code",
            "unix_socket",
            "upstream",
            "routes"),
    RATE_LIMIT("a rate limit", "`rate_limit`", "requests_per_second", "burst"),
    CORS(
            "cors",
            "`cors`",
            "origins",
            "methods",
            "headers",
            "expose_headers",
            "credentials",
            "max_age_s"),
    USER_CODE(
            "user_code",
            "`user_code`",
            "inline_source",
            "source",
            "toolchain",
            "timeout_ms",
            "max_memory_mb",
            "min_instances",
            "max_instances"),
    ROUTE("a route", "a route", "method", "path", "validate", "transform", "delay", "response"),
    VALIDATE("validate", "`validate`", "headers", "query", "body"),
    FIELD_RULE(
            "a rule",
            "a rule of `validate.headers` or `validate.query`",
            "required",
            "pattern",
            "min",
            "max"),
    VALIDATE_BODY("validate.body", "`validate.body`", "schema"),
    TRANSFORM("transform", "`transform`", "extract", "http", "wasm"),
    EXTRACTION("an extraction", "`transform.extract`", "from", "as", "type", "default"),
    HTTP_CALL(
            "a call of transform.http",
            "a call of `transform.http`",
            "name",
            "url",
            "method",
            "headers",
            "body",
            "timeout",
            "on_error"),
    WASM_CALL("a call of transform.wasm", "a call of `transform.wasm`", "name", "function", "args"),
    DELAY("delay", "`delay`", "fixed_ms", "jitter_ms"),
    RESPONSE("response", "`response`", "status", "headers", "body"),
    V1_ROUTE("a v1 route", "a v1 route", "method", "path", "request", "response");

    private final String title;
    private final String home;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> fields;

    FormatObject(String title, String home, String... fields) {
        this.title = title;
        this.home = home;
        this.fields = List.of(fields);
    }

    /// How messages call it.
    String title() {
        return title;
    }

    List<String> fields() {
        return fields;
    }

    /// Whether every object of the format may have a member of this name, which is ignored.
    static boolean isIgnored(String name) {
        return name.startsWith("_")
                || name.startsWith("x-")
                || name.startsWith("$")
                || name.equals("description");
    }

    /// What an author who wrote the unknown field `name` here should do.
    String hintFor(String name) {
        Optional<String> near = Suggestions.closest(name, fields);
        if (near.isPresent()) {
            return "did you mean " + near.get() + "?";
        }
        if (this == VALIDATE_BODY) {
            return "the JSON Schema stands in `schema`";
        }
        if (this == V1_ROUTE) {
            return "a v1 route has only " + String.join(", ", fields) + "; a v2 file can do more";
        }
        String homes =
                Arrays.stream(values())
                        .filter(other -> other != this && other != V1_ROUTE)
                        .filter(other -> other.fields.contains(name))
                        .map(other -> other.home)
                        .collect(Collectors.joining(" or "));
        return homes.isEmpty()
                ? "fields of " + title + ": " + String.join(", ", fields)
                : "it belongs in " + homes;
    }
}
