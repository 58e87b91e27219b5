package io.mimicore.benchmarks.change;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Config files whose answers carry a mark, so that it shows which edit answered.
final class ConfigTexts {
    /// What every API here answers with its mark.
    static final String MARK_PATH = "/m";

    private ConfigTexts() {}

    static String host(String api) {
        return api + ".localhost";
    }

    /// The body of [#MARK_PATH].
    static String body(int mark) {
        return "{\"mark\":" + mark + "}";
    }

    /// An API with one route.
    static String small(String api, int mark) {
        return large(api, mark, 0);
    }

    /// An API with one route and `more` others.
    static String large(String api, int mark, int more) {
        return "{\"api\":\""
                + api
                + "\",\"version\":\"v2\",\"routes\":["
                + IntStream.range(0, more)
                        .mapToObj(ConfigTexts::other)
                        .map(route -> route + ",\n")
                        .collect(Collectors.joining())
                + route(body(mark))
                + "]}";
    }

    /// An API whose mark comes from its Go code.
    static String coded(String api, int mark) {
        String code =
                "package main\\n\\n//export mark\\nfunc mark(x int64) int64 { return "
                        + mark
                        + " + x }\\n\\nfunc main() {}\\n";
        return "{\"api\":\""
                + api
                + "\",\"version\":\"v2\",\"user_code\":{\"inline_source\":\""
                + code
                + "\"},\"routes\":["
                + route("{\"mark\":\"{{mark(0) | json}}\"}")
                + "]}";
    }

    private static String route(String body) {
        return "{\"method\":\"GET\",\"path\":\""
                + MARK_PATH
                + "\",\"response\":{\"body\":"
                + body
                + "}}";
    }

    private static String other(int number) {
        return "{\"method\":\"GET\",\"path\":\"/api/v1/users/"
                + number
                + "/orders/{order}\",\"response\":{\"body\":{\"user\":"
                + number
                + ",\"order\":\"{{request.path.order}}\"}}}";
    }
}
