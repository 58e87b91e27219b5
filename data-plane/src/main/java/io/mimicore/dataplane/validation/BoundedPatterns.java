package io.mimicore.dataplane.validation;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import com.networknt.schema.regex.RegularExpression;
import com.networknt.schema.regex.RegularExpressionFactory;

/// Regular expressions of JSON Schemas that cannot hold up an event loop.
///
/// RE2 runs in linear time and takes nearly every pattern. What it does not have, such as
/// lookahead, is left to the JDK's backtracking engine, with a limit on the characters it may look
/// at.
final class BoundedPatterns implements RegularExpressionFactory {
    @Override
    public RegularExpression getRegularExpression(String regex) {
        try {
            Pattern pattern = Pattern.compile(regex);
            return text -> pattern.matcher(text).find();
        } catch (PatternSyntaxException e) {
            java.util.regex.Pattern pattern = java.util.regex.Pattern.compile(regex);
            return text -> pattern.matcher(new MeteredText(text)).find();
        }
    }

    /// A text that may only be looked at so often.
    private static final class MeteredText implements CharSequence {
        /// Ours: with a body of 1 MiB, about a second at worst.
        private static final long LOOKS_PER_CHAR_MAX = 100;

        private static final long LOOKS_MIN = 1_000;

        private final CharSequence text;
        private final long looksMax;
        private long looks;

        MeteredText(CharSequence text) {
            this.text = text;
            this.looksMax = LOOKS_MIN + LOOKS_PER_CHAR_MAX * text.length();
        }

        @Override
        public char charAt(int index) {
            if (++looks > looksMax) {
                throw new PatternTooSlowException(looksMax);
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }

    /// A pattern backtracks too much on this text. Without a stack trace: it is an outcome of a
    /// request.
    static final class PatternTooSlowException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        PatternTooSlowException(long looksMax) {
            super(
                    "a pattern looked at more than "
                            + looksMax
                            + " characters (expected: fewer; it backtracks)",
                    null,
                    false,
                    false);
        }
    }
}
