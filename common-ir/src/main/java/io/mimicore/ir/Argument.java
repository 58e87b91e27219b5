package io.mimicore.ir;

/// An argument of a [CodeCall].
public sealed interface Argument {
    /// The expression's value itself: a string of the config that is exactly one expression, or a
    /// literal.
    record Computed(Expression expression) implements Argument {}

    /// A text with holes.
    record Text(TextTemplate template) implements Argument {}

    /// An array or object with holes.
    record Json(JsonTemplate template) implements Argument {}
}
