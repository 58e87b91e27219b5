package io.mimicore.dataplane.routing;

import io.mimicore.ir.PathPattern;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Finds the route for a method and a path.
///
/// A tree over the segments of the path, with a hash table of literals in each node. In a segment a
/// literal comes before a parameter and a parameter before the rest; where the more special branch
/// leads to no route that serves the method, the next one is tried. Every node is entered at most
/// once, and as deep as the path is.
///
/// Segments are compared percent-decoded, so `%2F` is a character of its segment and never parts
/// two. Paths are not normalised: `.` and `..`, also encoded, are never taken by a parameter or a
/// rest, the empty segment never by a parameter, and a slash at the end counts. Immutable.
public final class RouteTrie<R> {
    private final Node<R> root;

    private RouteTrie(Node<R> root) {
        this.root = root;
    }

    /// An empty trie to be filled.
    public static <R> Builder<R> builder() {
        return new Builder<>();
    }

    /// The route for a method and a path, or `null`.
    ///
    /// @param path raw, from its leading `/`; its percent-encoding is valid
    public @Nullable R find(String method, String path) {
        if (path.isEmpty() || path.charAt(0) != '/') {
            return null;
        }
        return find(root, method, path, path.indexOf('%') >= 0, 1);
    }

    /// Every method that routes of this path serve; empty when there is no such path.
    public List<String> methods(String path) {
        Set<String> methods = new LinkedHashSet<>();
        if (!path.isEmpty() && path.charAt(0) == '/') {
            collect(root, path, 1, methods);
        }
        return List.copyOf(methods);
    }

    // What is looked for is passed on as it is: an object for it would be made for every request,
    // as one that goes into a recursive call never stays on the stack.
    private static <R> @Nullable R find(
            Node<R> node, String method, String path, boolean encoded, int from) {
        int to = segmentEnd(path, from);
        Node<R> literal = node.literal(path, encoded, from, to);
        if (literal != null) {
            R route = step(literal, method, path, encoded, to);
            if (route != null) {
                return route;
            }
        }
        if (node.parameter != null && isParameter(path, from, to)) {
            R route = step(node.parameter, method, path, encoded, to);
            if (route != null) {
                return route;
            }
        }
        return node.rest != null && isRest(path, from) ? node.rest.find(method) : null;
    }

    private static <R> @Nullable R step(
            Node<R> child, String method, String path, boolean encoded, int to) {
        if (to < path.length()) {
            return find(child, method, path, encoded, to + 1);
        }
        return child.leaf == null ? null : child.leaf.find(method);
    }

    private static <R> void collect(Node<R> node, String path, int from, Set<String> into) {
        int to = segmentEnd(path, from);
        Node<R> literal = node.literal(path, true, from, to);
        if (literal != null) {
            collectStep(literal, path, to, into);
        }
        if (node.parameter != null && isParameter(path, from, to)) {
            collectStep(node.parameter, path, to, into);
        }
        if (node.rest != null && isRest(path, from)) {
            node.rest.collectMethods(into);
        }
    }

    private static <R> void collectStep(Node<R> child, String path, int to, Set<String> into) {
        if (to < path.length()) {
            collect(child, path, to + 1, into);
        } else if (child.leaf != null) {
            child.leaf.collectMethods(into);
        }
    }

    private static int segmentEnd(String path, int from) {
        int slash = path.indexOf('/', from);
        return slash < 0 ? path.length() : slash;
    }

    private static boolean isParameter(String path, int from, int to) {
        return to > from && !isDots(path, from, to);
    }

    private static boolean isRest(String path, int from) {
        int at = from;
        while (at <= path.length()) {
            int to = segmentEnd(path, at);
            if (isDots(path, at, to)) {
                return false;
            }
            at = to + 1;
        }
        return true;
    }

    /// Whether a segment is `.` or `..`, also percent-encoded.
    private static boolean isDots(String path, int from, int to) {
        int dots = 0;
        int at = from;
        while (at < to) {
            if (path.charAt(at) == '.') {
                at++;
            } else if (path.regionMatches(true, at, "%2e", 0, 3)) {
                at += 3;
            } else {
                return false;
            }
            dots++;
        }
        return dots == 1 || dots == 2;
    }

    /// Where the routes of one prefix are.
    private static final class Node<R> {
        private final SegmentTable<Node<R>> literals;
        private final @Nullable Node<R> parameter;
        private final @Nullable Leaf<R> rest;
        private final @Nullable Leaf<R> leaf;

        Node(Growing<R> grown) {
            Map<String, Node<R>> children = new HashMap<>();
            grown.literals.forEach((text, child) -> children.put(text, new Node<>(child)));
            literals = SegmentTable.of(children);
            parameter = grown.parameter == null ? null : new Node<>(grown.parameter);
            rest = grown.rest;
            leaf = grown.leaf;
        }

        @Nullable Node<R> literal(String path, boolean encoded, int from, int to) {
            if (encoded && path.indexOf('%', from, to) >= 0) {
                String decoded = PercentEncoding.decode(path, from, to);
                return decoded == null ? null : literals.get(decoded);
            }
            return literals.get(path, from, to);
        }
    }

    private static final class Growing<R> {
        private final Map<String, Growing<R>> literals = new HashMap<>();
        private @Nullable Growing<R> parameter;
        private @Nullable Leaf<R> rest;
        private @Nullable Leaf<R> leaf;

        Growing<R> literal(String text) {
            return literals.computeIfAbsent(text, _ -> new Growing<>());
        }

        Growing<R> parameter() {
            if (parameter == null) {
                parameter = new Growing<>();
            }
            return parameter;
        }

        Leaf<R> leaf() {
            if (leaf == null) {
                leaf = new Leaf<>();
            }
            return leaf;
        }

        Leaf<R> rest() {
            if (rest == null) {
                rest = new Leaf<>();
            }
            return rest;
        }
    }

    /// Collects routes. Confined to one thread.
    public static final class Builder<R> {
        /// Most segments of a pattern; a longer path cannot be in a request line of 8 KiB.
        private static final int SEGMENTS_MAX = 8 * 1024;

        private final Growing<R> root = new Growing<>();

        private Builder() {}

        /// Adds a route; of two for the same method and path, the first stays.
        ///
        /// @param methods empty: every method
        public Builder<R> add(List<String> methods, PathPattern path, R route) {
            if (path.segments().size() > SEGMENTS_MAX) {
                return this;
            }
            leaf(path).add(methods, route);
            return this;
        }

        /// The trie of what was added.
        public RouteTrie<R> build() {
            return new RouteTrie<>(new Node<>(root));
        }

        private Leaf<R> leaf(PathPattern path) {
            Growing<R> node = root;
            for (PathPattern.Segment segment : path.segments()) {
                switch (segment) {
                    case PathPattern.Literal literal -> node = node.literal(literal.text());
                    case PathPattern.Parameter _ -> node = node.parameter();
                    case PathPattern.Rest _ -> {
                        return node.rest();
                    }
                }
            }
            return node.leaf();
        }
    }
}
