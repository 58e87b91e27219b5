package io.mimicore.config;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Finds what an author probably meant by a wrong name.
///
/// The measure is the Damerau-Levenshtein distance in its optimal-string-alignment form: insert,
/// delete, replace one character or swap two neighbours, each for 1. Case is folded first.
public final class Suggestions {
    /// Longer names are not compared: the work grows with the product of both lengths.
    private static final int LENGTH_MAX = 64;

    /// Shorter beginnings are shared by chance.
    private static final int PREFIX_MIN = 3;

    private Suggestions() {}

    /// The candidate nearest to `wrong`, if one is near enough: at most one edit for every three
    /// characters, and one for shorter names. Of equally near ones, the first in alphabetical
    /// order. Without any, the only one that begins like `wrong`, as `int` does like `integer`.
    public static Optional<String> closest(String wrong, Collection<String> candidates) {
        if (wrong.isEmpty() || wrong.length() > LENGTH_MAX) {
            return Optional.empty();
        }
        String folded = wrong.toLowerCase(Locale.ROOT);
        int allowed = Math.max(1, wrong.length() / 3);
        String best = "";
        int bestDistance = allowed + 1;
        for (String candidate : candidates) {
            if (candidate.length() > LENGTH_MAX || candidate.equals(wrong)) {
                continue;
            }
            int distance = distance(folded, candidate.toLowerCase(Locale.ROOT));
            boolean nearer =
                    distance < bestDistance
                            || (distance == bestDistance
                                    && distance <= allowed
                                    && candidate.compareTo(best) < 0);
            // Replacing every character is no likeness.
            if (nearer && distance < Math.max(wrong.length(), candidate.length())) {
                best = candidate;
                bestDistance = distance;
            }
        }
        return bestDistance <= allowed ? Optional.of(best) : longerOrShorter(folded, candidates);
    }

    /// The one candidate that goes on where `wrong` ends, or ends where it goes on.
    private static Optional<String> longerOrShorter(String wrong, Collection<String> candidates) {
        List<String> found =
                candidates.stream()
                        .filter(candidate -> {
                            String folded = candidate.toLowerCase(Locale.ROOT);
                            return Math.min(wrong.length(), folded.length()) >= PREFIX_MIN
                                    && !folded.equals(wrong)
                                    && (folded.startsWith(wrong) || wrong.startsWith(folded));
                        })
                        .distinct()
                        .toList();
        return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
    }

    private static int distance(String a, String b) {
        int[][] rows = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            rows[i][0] = i;
        }
        for (int j = 0; j <= b.length(); j++) {
            rows[0][j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            for (int j = 1; j <= b.length(); j++) {
                int replaced = rows[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                int edited = Math.min(rows[i - 1][j], rows[i][j - 1]) + 1;
                rows[i][j] = Math.min(replaced, edited);
                if (isSwapped(a, i, b, j)) {
                    rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
                }
            }
        }
        return rows[a.length()][b.length()];
    }

    private static boolean isSwapped(String a, int i, String b, int j) {
        return i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
    }
}
