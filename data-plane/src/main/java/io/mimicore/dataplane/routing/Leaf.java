package io.mimicore.dataplane.routing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The routes of one path, by method. Filled while the trie is built, then only read.
final class Leaf<R> {
    private static final List<String> EVERY_METHOD =
            List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    private String[] methods = {};
    private List<R> routes = List.of();
    private @Nullable R anyMethod;

    /// Adds a route unless the path has one for the method already.
    ///
    /// @param methodNames empty: every method that no other route takes
    void add(List<String> methodNames, R route) {
        if (methodNames.isEmpty() && anyMethod == null) {
            anyMethod = route;
        }
        for (String method : methodNames) {
            if (!Arrays.asList(methods).contains(method)) {
                methods = Arrays.copyOf(methods, methods.length + 1);
                methods[methods.length - 1] = method;
                var more = new ArrayList<>(routes);
                more.add(route);
                routes = List.copyOf(more);
            }
        }
    }

    /// The route for a method; `GET`'s also for `HEAD` (RFC 9110 §9.3.2).
    @Nullable R find(String method) {
        R exact = exact(method);
        if (exact == null && method.equals("HEAD")) {
            exact = exact("GET");
        }
        return exact == null ? anyMethod : exact;
    }

    void collectMethods(Set<String> into) {
        if (anyMethod != null) {
            into.addAll(EVERY_METHOD);
        }
        for (String method : methods) {
            into.add(method);
            if (method.equals("GET")) {
                into.add("HEAD");
            }
        }
    }

    private @Nullable R exact(String method) {
        for (int i = 0; i < methods.length; i++) {
            if (methods[i].equals(method)) {
                return routes.get(i);
            }
        }
        return null;
    }
}
