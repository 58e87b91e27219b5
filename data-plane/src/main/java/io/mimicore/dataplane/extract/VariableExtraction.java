package io.mimicore.dataplane.extract;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.dataplane.problem.Violation;
import io.mimicore.dataplane.routing.PathParameters;
import io.mimicore.dataplane.value.Json;
import io.mimicore.dataplane.value.Value;
import io.mimicore.ir.Extraction;
import io.mimicore.ir.Extraction.ValueType;
import io.mimicore.ir.Step;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Takes one variable out of the request. Immutable.
///
/// What the request does not have, and a JSON `null`, becomes the default, or else stays missing.
public final class VariableExtraction {
    private static final int QUOTED_CHARS_MAX = 64;

    private final int slot;
    private final String variable;
    private final FieldSource source;
    private final List<Step> steps;
    private final ValueType type;
    private final Value defaultValue;

    private VariableExtraction(Extraction extraction, FieldSource source) {
        this.slot = extraction.slot();
        this.variable = extraction.variable();
        this.source = source;
        this.steps = extraction.steps();
        this.type = extraction.type();
        this.defaultValue =
                extraction.defaultValue() == null
                        ? Value.MISSING
                        : Json.value(extraction.defaultValue());
    }

    /// The extraction, ready to run.
    ///
    /// @param parameters those of the route's path
    /// @throws IllegalArgumentException if it names a path parameter that the path does not have
    public static VariableExtraction of(Extraction extraction, PathParameters parameters) {
        return new VariableExtraction(extraction, FieldSource.of(extraction.source(), parameters));
    }

    /// The part of the request it reads.
    public FieldSource source() {
        return source;
    }

    /// Writes the variable into its slot.
    ///
    /// @param violations gets what does not convert
    public void extract(RequestReader reader, Value[] slots, List<Violation> violations) {
        slots[slot] = source.isBody() ? fromBody(reader, violations) : fromText(reader, violations);
    }

    private Value fromText(RequestReader reader, List<Violation> violations) {
        String text = source.text(reader);
        return text == null ? defaultValue : converted(text, violations);
    }

    private Value fromBody(RequestReader reader, List<Violation> violations) {
        if (reader.body().length == 0) {
            return defaultValue;
        }
        if (steps.isEmpty() && type != ValueType.JSON) {
            return converted(new String(reader.body(), UTF_8), violations);
        }
        JsonNode part;
        try {
            part = Json.part(reader.bodyTree(), steps);
        } catch (Json.SyntaxException e) {
            violations.add(
                    new Violation(
                            source.location(),
                            "",
                            "syntax",
                            variable + ": " + e.getMessage(),
                            new Violation.Position(e.line(), e.column())));
            return Value.MISSING;
        }
        if (part == null || part.isNull()) {
            return part != null && type == ValueType.JSON && defaultValue instanceof Value.Missing
                    ? Value.NULL
                    : defaultValue;
        }
        return orViolation(Conversion.fromJson(part, type), part.toString(), violations);
    }

    private Value converted(String text, List<Violation> violations) {
        return orViolation(Conversion.fromText(text, type), text, violations);
    }

    private Value orViolation(@Nullable Value value, String found, List<Violation> violations) {
        if (value != null) {
            return value;
        }
        String message =
                variable
                        + ": "
                        + quoted(found)
                        + " (expected: "
                        + Conversion.expectation(type)
                        + ")";
        violations.add(Violation.of(source.location(), place(), "type", message));
        return Value.MISSING;
    }

    private String place() {
        if (!source.isBody()) {
            return source.place();
        }
        var pointer = new StringBuilder();
        for (Step step : steps) {
            pointer.append('/');
            switch (step) {
                case Step.Field field ->
                        pointer.append(field.name().replace("~", "~0").replace("/", "~1"));
                case Step.Index index -> pointer.append(index.index());
            }
        }
        return pointer.toString();
    }

    private static String quoted(String text) {
        return text.length() <= QUOTED_CHARS_MAX ? text : text.substring(0, QUOTED_CHARS_MAX) + "…";
    }
}
