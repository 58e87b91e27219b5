package io.mimicore.ir;

/// One step into a JSON value.
public sealed interface Step {
    /// The member of the name.
    record Field(String name) implements Step {}

    /// The element at an index, from 0.
    record Index(int index) implements Step {
        public Index {
            if (index < 0) {
                throw new IllegalArgumentException("index: " + index + " (expected: >= 0)");
            }
        }
    }
}
