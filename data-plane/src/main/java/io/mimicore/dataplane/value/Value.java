package io.mimicore.dataplane.value;

import static java.util.Objects.requireNonNull;

import tools.jackson.databind.JsonNode;

/// A value that a template, a filter or a function sees.
public sealed interface Value {
    /// Nothing there: prints as nothing, `null` as JSON.
    Value MISSING = new Missing();

    /// JSON's `null`.
    Value NULL = new Null();

    Value TRUE = new Bool(true);

    Value FALSE = new Bool(false);

    /// Nothing there.
    record Missing() implements Value {}

    /// JSON's `null`; prints as nothing.
    record Null() implements Value {}

    /// `true` or `false`.
    record Bool(boolean value) implements Value {
        /// The shared value.
        public static Value of(boolean value) {
            return value ? TRUE : FALSE;
        }
    }

    /// An integer of 64 bits.
    ///
    /// @param unsigned whether the bits stand for 0..2^64-1
    record Whole(long bits, boolean unsigned) implements Value {
        /// A signed integer.
        public static Whole of(long value) {
            return new Whole(value, false);
        }
    }

    /// A finite IEEE 754 double.
    record Fraction(double value) implements Value {}

    /// A text.
    record Text(String value) implements Value {
        public Text {
            requireNonNull(value, "value");
        }
    }

    /// A JSON array or object, or a scalar that came with one.
    record Tree(JsonNode node) implements Value {
        public Tree {
            requireNonNull(node, "node");
        }
    }

    /// JSON text in UTF-8 that a function returned; parsed only when a part of it is asked for.
    record Encoded(byte[] json) implements Value {}

    /// Bytes that a raw function returned: printed as UTF-8 text; as JSON they are the value they
    /// spell, or a string when they spell none.
    record Raw(byte[] bytes) implements Value {}
}
