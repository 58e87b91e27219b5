package io.mimicore.compiler.toolchain;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A version of Go.
///
/// @param text as `go version` prints it, e.g. `go1.26.8`
record GoVersion(String text, int major, int minor) {
    /// Go 1.24 brought `-buildmode=c-shared` and `//go:wasmexport` for `wasip1`.
    static final GoVersion OLDEST = new GoVersion("go1.24", 1, 24);

    private static final Pattern PRINTED =
            Pattern.compile("go version (?:devel )?(go(\\d{1,4})\\.(\\d{1,4})\\S{0,40}).*");

    /// The version in the output of `go version`. Absent: it is not that.
    static @Nullable GoVersion parse(String output) {
        Matcher matcher = PRINTED.matcher(output.strip());
        if (!matcher.matches()) {
            return null;
        }
        return new GoVersion(
                matcher.group(1),
                Integer.parseInt(matcher.group(2)),
                Integer.parseInt(matcher.group(3)));
    }

    boolean isTooOld() {
        return major < OLDEST.major || (major == OLDEST.major && minor < OLDEST.minor);
    }

    /// The language version of a `go.mod`: everything that this toolchain knows.
    String language() {
        return major + "." + minor;
    }
}
