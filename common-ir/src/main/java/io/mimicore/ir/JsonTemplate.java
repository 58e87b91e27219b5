package io.mimicore.ir;

import static java.util.Objects.requireNonNull;

import java.util.List;

/// A JSON text with holes; whatever the values are, the result is one valid JSON value.
public record JsonTemplate(List<Part> parts) {
    public JsonTemplate {
        parts = List.copyOf(parts);
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("parts: [] (expected: at least one)");
        }
    }

    /// A piece of the text.
    public sealed interface Part {}

    /// JSON text, written as it is; quotes around an [InString] are in here.
    public record Raw(String text) implements Part {
        public Raw {
            requireNonNull(text, "text");
        }
    }

    /// A value, printed and escaped between quotes (RFC 8259 §7).
    public record InString(Expression expression) implements Part {
        public InString {
            requireNonNull(expression, "expression");
        }
    }

    /// A value as JSON; `null` where it is missing.
    public record Value(Expression expression) implements Part {
        public Value {
            requireNonNull(expression, "expression");
        }
    }
}
