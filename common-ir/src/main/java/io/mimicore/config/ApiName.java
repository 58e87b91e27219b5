package io.mimicore.config;

import java.util.Locale;

/// Names of APIs that come from elsewhere than the field `api`.
final class ApiName {
    private static final String SUFFIX = ".json";

    private ApiName() {}

    /// The name that a v1 file gives its API; it need not be a valid one.
    static String ofFile(String file) {
        String base = file.substring(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
        String folded = base.toLowerCase(Locale.ROOT);
        return folded.endsWith(SUFFIX)
                ? folded.substring(0, folded.length() - SUFFIX.length())
                : folded;
    }

    /// The nearest text that could be a name.
    static String fold(String text) {
        String folded =
                text.toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9_-]+", "_")
                        .replaceAll("^_+|_+$", "");
        return folded.substring(0, Math.min(folded.length(), 63));
    }
}
