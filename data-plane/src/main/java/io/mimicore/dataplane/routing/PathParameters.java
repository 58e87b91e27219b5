package io.mimicore.dataplane.routing;

import io.mimicore.ir.PathPattern;
import java.util.List;

/// Takes the parameters out of a path that a pattern matches. Immutable.
public final class PathParameters {
    private static final PathParameters NONE = new PathParameters(new int[0], false, List.of());

    /// For each parameter, the index of its segment, ascending.
    private final int[] segments;

    /// Whether the last parameter takes the rest of the path.
    private final boolean rest;

    private final List<String> names;

    private PathParameters(int[] segments, boolean rest, List<String> names) {
        this.segments = segments;
        this.rest = rest;
        this.names = names;
    }

    /// The parameters of a pattern.
    public static PathParameters of(PathPattern pattern) {
        List<String> names = pattern.parameters();
        if (names.isEmpty()) {
            return NONE;
        }
        int[] indexes = new int[names.size()];
        int next = 0;
        boolean rest = false;
        for (int i = 0; i < pattern.segments().size(); i++) {
            switch (pattern.segments().get(i)) {
                case PathPattern.Literal _ -> {}
                case PathPattern.Parameter _ -> indexes[next++] = i;
                case PathPattern.Rest _ -> {
                    indexes[next++] = i;
                    rest = true;
                }
            }
        }
        return new PathParameters(indexes, rest, names);
    }

    /// Index of the parameter of a name; -1 when there is none.
    public int indexOf(String name) {
        return names.indexOf(name);
    }

    /// The parameter at `index`, percent-decoded.
    ///
    /// @param path raw, matched by the pattern, with valid percent-encoding
    public String value(String path, int index) {
        int from = 1;
        for (int skip = segments[index]; skip > 0; skip--) {
            from = path.indexOf('/', from) + 1;
        }
        int slash = path.indexOf('/', from);
        boolean toEnd = slash < 0 || (rest && index == segments.length - 1);
        String value = PercentEncoding.decode(path, from, toEnd ? path.length() : slash);
        if (value == null) {
            throw new IllegalArgumentException(
                    "path: " + path + " (expected: valid percent-encoding)");
        }
        return value;
    }
}
