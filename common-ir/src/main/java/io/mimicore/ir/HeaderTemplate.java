package io.mimicore.ir;

import static java.util.Objects.requireNonNull;

/// A header field whose value is rendered.
public record HeaderTemplate(String name, TextTemplate value) {
    public HeaderTemplate {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("name: \"\" (expected: not empty)");
        }
        requireNonNull(value, "value");
    }
}
