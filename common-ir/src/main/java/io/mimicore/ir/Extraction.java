package io.mimicore.ir;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Takes a value out of the request into a slot.
///
/// @param variable the name templates use
/// @param steps the way into a JSON body; empty for every other source, and for the body's own text
/// @param type what the text must convert to; a failure is 400
/// @param defaultValue the value when the request has none; absent: the variable is missing
public record Extraction(
        int slot,
        String variable,
        RequestField source,
        List<Step> steps,
        ValueType type,
        @Nullable JsonValue defaultValue) {

    public Extraction {
        requireNonNull(variable, "variable");
        requireNonNull(source, "source");
        requireNonNull(type, "type");
        steps = List.copyOf(steps);
        if (!steps.isEmpty() && !(source instanceof RequestField.Body)) {
            throw new IllegalArgumentException(
                    "steps: " + steps + " (expected: none outside the body)");
        }
    }

    /// What an extracted text converts to.
    public enum ValueType {
        STRING,
        INTEGER,
        FLOAT,
        BOOLEAN,
        JSON
    }
}
