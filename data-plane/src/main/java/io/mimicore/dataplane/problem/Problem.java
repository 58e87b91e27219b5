package io.mimicore.dataplane.problem;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.ByteArrayBuilder;

/// An error as a client sees it: problem details for HTTP APIs (RFC 9457).
///
/// @param detail what happened in this case; never a stack trace
/// @param violations everything that is wrong with the request; empty for other problems
/// @param headers names and values in turn that belong to the answer, such as `Retry-After`
public record Problem(
        ProblemCode code, String detail, List<Violation> violations, List<String> headers) {
    /// The media type of the answer.
    public static final String CONTENT_TYPE = "application/problem+json";

    /// Most violations in one answer. Ours: keeps the answer far below its limit.
    private static final int VIOLATIONS_MAX = 1_000;

    private static final JsonFactory FACTORY = new JsonFactory();

    public Problem {
        requireNonNull(code, "code");
        requireNonNull(detail, "detail");
        violations = List.copyOf(violations);
        headers = List.copyOf(headers);
    }

    /// A problem without violations or headers of its own.
    public static Problem of(ProblemCode code, String detail) {
        return new Problem(code, detail, List.of(), List.of());
    }

    /// The problem of a request that breaks these rules.
    public static Problem invalid(List<Violation> violations) {
        int count = violations.size();
        String detail = count == 1 ? "1 violation" : count + " violations";
        if (count > VIOLATIONS_MAX) {
            detail += ", the first " + VIOLATIONS_MAX + " are listed";
        }
        return new Problem(
                ProblemCode.INVALID_REQUEST,
                detail,
                violations.subList(0, Math.min(count, VIOLATIONS_MAX)),
                List.of());
    }

    /// The same problem with one more header.
    public Problem withHeader(String name, String value) {
        List<String> more = new ArrayList<>(headers);
        more.add(name);
        more.add(value);
        return new Problem(code, detail, violations, more);
    }

    /// The body of the answer.
    ///
    /// @param requestId the id of the request, by which the operator finds it
    public byte[] toJson(String requestId) {
        try (ByteArrayBuilder bytes = new ByteArrayBuilder();
                JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
            json.writeStartObject();
            json.writeStringProperty("type", code.type());
            json.writeStringProperty("title", code.title());
            json.writeNumberProperty("status", code.status());
            json.writeStringProperty("detail", wellFormed(detail));
            json.writeStringProperty("instance", "urn:mimicore:request:" + requestId);
            if (!violations.isEmpty()) {
                json.writeArrayPropertyStart("violations");
                violations.forEach(violation -> write(violation, json));
                json.writeEndArray();
            }
            json.writeEndObject();
            json.flush();
            return bytes.toByteArray();
        }
    }

    private static void write(Violation violation, JsonGenerator json) {
        json.writeStartObject();
        json.writeStringProperty("in", violation.in().label());
        json.writeStringProperty(violation.in().placeMember(), wellFormed(violation.place()));
        json.writeStringProperty("code", violation.code());
        json.writeStringProperty("message", wellFormed(violation.message()));
        Violation.Position position = violation.position();
        if (position != null) {
            json.writeNumberProperty("line", position.line());
            json.writeNumberProperty("column", position.column());
        }
        json.writeEndObject();
    }

    /// Without lone surrogates, which have no UTF-8.
    private static String wellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return new String(text.getBytes(UTF_8), UTF_8);
            }
        }
        return text;
    }
}
