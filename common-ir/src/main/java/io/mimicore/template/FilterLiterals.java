package io.mimicore.template;

import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.Expression;
import io.mimicore.ir.Filter;
import io.mimicore.ir.JsonPrinter;
import io.mimicore.ir.JsonValue;
import java.math.BigDecimal;
import java.util.List;

/// Reports literals that a filter can do nothing with.
///
/// A node takes whatever it is given when a request comes, and overlooks what does not fit; an
/// author who writes such a value down means something else.
final class FilterLiterals {
    private final ProblemSink problems;

    FilterLiterals(ProblemSink problems) {
        this.problems = problems;
    }

    /// @param arguments as many as the filter takes
    void check(Filter filter, List<Node> arguments) {
        for (int i = 0; i < arguments.size(); i++) {
            Node argument = arguments.get(i);
            if (argument.known() && argument.expression() instanceof Expression.Constant constant) {
                check(filter, i, argument.span(), constant.value());
            }
        }
    }

    private void check(Filter filter, int position, ProblemSink.Span span, JsonValue literal) {
        String expected =
                switch (filter) {
                    case ROUND ->
                            isDigits(literal)
                                    ? ""
                                    : "how many digits, a whole number in "
                                            + -Filter.ROUND_DIGITS_MAX
                                            + ".."
                                            + Filter.ROUND_DIGITS_MAX;
                    case JOIN -> isText(literal) ? "" : "the text between the elements";
                    case REPLACE -> position == 0 ? whatIsReplaced(literal) : replacement(literal);
                    case DEFAULT,
                            JSON,
                            UPPER,
                            LOWER,
                            TRIM,
                            LENGTH,
                            FIRST,
                            LAST,
                            URL_ENCODE,
                            BASE64 ->
                            "";
                };
        if (!expected.isEmpty()) {
            problems.report(
                    span,
                    DiagnosticCode.ARGUMENT_TYPE,
                    "| "
                            + filter.filterName()
                            + ": argument "
                            + (position + 1)
                            + ": "
                            + Wording.shown(JsonPrinter.print(literal))
                            + " (expected: "
                            + expected
                            + ")",
                    literal instanceof JsonValue.JsonNull && filter != Filter.ROUND
                            ? "an empty text is written ''"
                            : "");
        }
    }

    private static String whatIsReplaced(JsonValue literal) {
        boolean isEmpty = literal instanceof JsonValue.JsonText(String text) && text.isEmpty();
        return isText(literal) && !isEmpty ? "" : "the text to replace, not empty";
    }

    private static String replacement(JsonValue literal) {
        return isText(literal) ? "" : "the text to put in its place";
    }

    /// Whether it prints as a text that an author may have meant.
    private static boolean isText(JsonValue literal) {
        return literal instanceof JsonValue.JsonText || literal instanceof JsonValue.JsonNumber;
    }

    private static boolean isDigits(JsonValue literal) {
        if (!(literal instanceof JsonValue.JsonNumber number)) {
            return false;
        }
        BigDecimal digits = number.decimal();
        return digits.abs().compareTo(BigDecimal.valueOf(Filter.ROUND_DIGITS_MAX)) <= 0
                && digits.stripTrailingZeros().scale() <= 0;
    }
}
