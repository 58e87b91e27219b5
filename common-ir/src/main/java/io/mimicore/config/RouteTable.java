package io.mimicore.config;

import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.PathPattern;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The routes of an API up to now, to find two that take the same requests.
///
/// A route of `*` and one of a single method do not: the single method goes first.
final class RouteTable {
    private final Problems problems;
    private final Map<Key, Integer> offsets = new HashMap<>();

    RouteTable(Problems problems) {
        this.problems = problems;
    }

    private record Key(String method, String shape) {}

    /// Adds a route; one that repeats another is reported at its path.
    ///
    /// @param methods empty: every method
    void add(List<String> methods, PathPattern path, LocatedJson.Text at) {
        String shape = PathReader.shape(path);
        boolean isReported = false;
        for (String method : methods.isEmpty() ? List.of("*") : methods) {
            Integer first = offsets.putIfAbsent(new Key(method, shape), at.offset());
            if (first != null && !isReported) {
                isReported = true;
                problems.error(
                        at,
                        DiagnosticCode.DUPLICATE,
                        "route: "
                                + method
                                + " "
                                + path.text()
                                + " (expected: every method and path once)",
                        "the route in line "
                                + problems.source().line(first)
                                + " takes these requests already; names of parameters do not"
                                + " matter");
            }
        }
    }
}
