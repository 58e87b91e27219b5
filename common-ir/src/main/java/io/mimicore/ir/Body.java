package io.mimicore.ir;

/// What a message's body is made of.
public sealed interface Body {
    /// No body.
    record Empty() implements Body {}

    /// Plain text.
    record Text(TextTemplate template) implements Body {}

    /// JSON.
    record Json(JsonTemplate template) implements Body {}
}
