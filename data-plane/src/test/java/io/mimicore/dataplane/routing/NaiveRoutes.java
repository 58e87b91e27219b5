package io.mimicore.dataplane.routing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.ir.PathPattern;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The definition of routing, without any thought of speed: every route is tried.
final class NaiveRoutes {
    private final List<Entry> entries;

    NaiveRoutes(List<Entry> entries) {
        this.entries = entries;
    }

    /// The route of the most special path that serves the method; of equals the first.
    @Nullable Integer find(String method, String path) {
        List<Entry> matching = new ArrayList<>(matching(path));
        matching.sort(Comparator.comparing(entry -> kinds(entry.path())));
        for (int from = 0; from < matching.size(); ) {
            String kinds = kinds(matching.get(from).path());
            List<Entry> equals =
                    matching.stream().filter(it -> kinds(it.path()).equals(kinds)).toList();
            for (String wanted :
                    method.equals("HEAD") ? List.of("HEAD", "GET", "*") : List.of(method, "*")) {
                for (Entry entry : equals) {
                    if (entry.methods().contains(wanted)
                            || (wanted.equals("*") && entry.methods().isEmpty())) {
                        return entry.id();
                    }
                }
            }
            from += equals.size();
        }
        return null;
    }

    Set<String> methods(String path) {
        Set<String> methods = new TreeSet<>();
        for (Entry entry : matching(path)) {
            if (entry.methods().isEmpty()) {
                methods.addAll(List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"));
            }
            methods.addAll(entry.methods());
            if (entry.methods().contains("GET")) {
                methods.add("HEAD");
            }
        }
        return methods;
    }

    private List<Entry> matching(String path) {
        return entries.stream().filter(entry -> matches(entry.path(), path)).toList();
    }

    private static boolean matches(PathPattern pattern, String path) {
        String[] segments = path.substring(1).split("/", -1);
        for (int i = 0; i < pattern.segments().size(); i++) {
            if (i >= segments.length) {
                return false;
            }
            String text = decode(segments[i]);
            switch (pattern.segments().get(i)) {
                case PathPattern.Literal literal -> {
                    if (!literal.text().equals(text)) {
                        return false;
                    }
                }
                case PathPattern.Parameter _ -> {
                    if (text.isEmpty() || text.equals(".") || text.equals("..")) {
                        return false;
                    }
                }
                case PathPattern.Rest _ -> {
                    for (int j = i; j < segments.length; j++) {
                        if (Set.of(".", "..").contains(decode(segments[j]))) {
                            return false;
                        }
                    }
                    return true;
                }
            }
        }
        return segments.length == pattern.segments().size();
    }

    /// Sorts a literal before a parameter before a rest, from the left.
    private static String kinds(PathPattern pattern) {
        var kinds = new StringBuilder();
        for (PathPattern.Segment segment : pattern.segments()) {
            kinds.append(
                    switch (segment) {
                        case PathPattern.Literal _ -> 'a';
                        case PathPattern.Parameter _ -> 'b';
                        case PathPattern.Rest _ -> 'c';
                    });
        }
        return kinds.toString();
    }

    private static String decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), UTF_8);
    }

    record Entry(List<String> methods, PathPattern path, int id) {}
}
