package io.mimicore.template;

import io.mimicore.diagnostics.Suggestions;
import java.util.Collection;
import java.util.List;

/// Phrases that several messages share.
final class Wording {
    private static final int NAMES_MAX = 12;
    private static final int SHOWN_CHARS_MAX = 40;

    private Wording() {}

    /// `one of a, b, c`, in alphabetical order and cut when there are many.
    static String oneOf(Collection<String> names) {
        List<String> sorted = names.stream().sorted().toList();
        if (sorted.size() == 1) {
            return sorted.getFirst();
        }
        if (sorted.size() <= NAMES_MAX) {
            return "one of " + String.join(", ", sorted);
        }
        return "one of "
                + String.join(", ", sorted.subList(0, NAMES_MAX))
                + " and "
                + (sorted.size() - NAMES_MAX)
                + " more";
    }

    /// `did you mean NAME?`, or nothing.
    static String didYouMean(String wrong, Collection<String> names) {
        return Suggestions.closest(wrong, names)
                .map(name -> "did you mean " + name + "?")
                .orElse("");
    }

    /// A piece of the author's text, cut when it is long.
    static String shown(String text) {
        if (text.codePointCount(0, text.length()) <= SHOWN_CHARS_MAX) {
            return text;
        }
        return text.substring(0, text.offsetByCodePoints(0, SHOWN_CHARS_MAX)) + "…";
    }

    /// `1 argument`, `2 arguments`.
    static String arguments(int count) {
        return count == 1 ? "1 argument" : count + " arguments";
    }
}
