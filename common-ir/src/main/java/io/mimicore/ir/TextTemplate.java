package io.mimicore.ir;

import static java.util.Objects.requireNonNull;

import java.util.List;

/// A text with holes. A missing value prints as nothing.
public record TextTemplate(List<Part> parts) {
    public TextTemplate {
        parts = List.copyOf(parts);
    }

    /// A text without holes.
    public static TextTemplate of(String text) {
        return new TextTemplate(text.isEmpty() ? List.of() : List.of(new Literal(text)));
    }

    /// A piece of the text.
    public sealed interface Part {}

    /// Text as it is.
    public record Literal(String text) implements Part {
        public Literal {
            requireNonNull(text, "text");
        }
    }

    /// A value, printed.
    public record Hole(Expression expression) implements Part {
        public Hole {
            requireNonNull(expression, "expression");
        }
    }
}
