package io.mimicore.diagnostics;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Finds the name that an author most likely meant.
public final class Suggestions {
    /// Longer names are not compared, so that a hostile file cannot make the search expensive.
    private static final int NAME_CHARS_MAX = 64;

    /// Shorter beginnings are shared by chance.
    private static final int BEGINNING_CHARS_MIN = 3;

    private Suggestions() {}

    /// The candidate nearest to `wrong`, if one is near enough to be a slip: at most one edit in
    /// three characters, letter case aside. Of equally near ones the first in alphabetical order.
    /// Without any, the only candidate that begins like `wrong`, as `int` does like `integer`.
    public static Optional<String> closest(String wrong, Collection<String> candidates) {
        if (wrong.isEmpty() || wrong.length() > NAME_CHARS_MAX) {
            return Optional.empty();
        }
        int limit = Math.max(1, wrong.length() / 3);
        String best = null;
        int bestDistance = limit + 1;
        for (String candidate : candidates) {
            if (Math.abs(candidate.length() - wrong.length()) > limit) {
                continue;
            }
            int distance = distance(folded(wrong), folded(candidate));
            if (distance >= Math.max(wrong.length(), candidate.length())) {
                // Every character replaced: no likeness.
                continue;
            }
            if (distance < bestDistance
                    || (distance == bestDistance
                            && best != null
                            && candidate.compareTo(best) < 0)) {
                best = candidate;
                bestDistance = distance;
            }
        }
        return best == null ? longerOrShorter(folded(wrong), candidates) : Optional.of(best);
    }

    /// The one candidate that goes on where `wrong` ends, or ends where it goes on.
    private static Optional<String> longerOrShorter(String wrong, Collection<String> candidates) {
        List<String> found =
                candidates.stream()
                        .filter(candidate -> isBeginning(wrong, folded(candidate)))
                        .distinct()
                        .toList();
        return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
    }

    private static boolean isBeginning(String a, String b) {
        return Math.min(a.length(), b.length()) >= BEGINNING_CHARS_MIN
                && !a.equals(b)
                && (a.startsWith(b) || b.startsWith(a));
    }

    /// Damerau-Levenshtein distance, optimal string alignment: inserted, deleted, replaced and
    /// swapped neighbouring characters each count one.
    private static int distance(String a, String b) {
        int[] beforePrevious = new int[b.length() + 1];
        int[] previous = new int[b.length() + 1];
        int[] current = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                int best = Math.min(previous[j] + 1, current[j - 1] + 1);
                best = Math.min(best, previous[j - 1] + replaced);
                if (i > 1
                        && j > 1
                        && a.charAt(i - 1) == b.charAt(j - 2)
                        && a.charAt(i - 2) == b.charAt(j - 1)) {
                    best = Math.min(best, beforePrevious[j - 2] + 1);
                }
                current[j] = best;
            }
            int[] oldest = beforePrevious;
            beforePrevious = previous;
            previous = current;
            current = oldest;
        }
        return previous[b.length()];
    }

    private static String folded(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
