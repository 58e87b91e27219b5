package io.mimicore.template;

/// The smallest piece of a hole.
///
/// @param start UTF-16 index in the string
/// @param end exclusive
/// @param text as written; of a quoted text, what it means
record Token(Kind kind, int start, int end, String text) {
    enum Kind {
        NAME,
        NUMBER,
        TEXT,
        DOT,
        COMMA,
        PIPE,
        LEFT_PARENTHESIS,
        RIGHT_PARENTHESIS,
        LEFT_BRACKET,
        RIGHT_BRACKET,
        /// `{{`
        OPEN,
        /// `}}`
        CLOSE,
        /// Looks like a number and is none.
        MALFORMED_NUMBER,
        /// A quote that nothing closes.
        UNCLOSED_TEXT,
        /// A character that no token begins with.
        UNKNOWN,
        /// The string's end.
        END
    }

    boolean is(Kind wanted) {
        return kind == wanted;
    }

    ProblemSink.Span span() {
        return new ProblemSink.Span(start, end);
    }
}
