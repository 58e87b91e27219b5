package io.mimicore.benchmarks.fleet;

/// Config files whose answers carry a mark, so that it shows which edit answered.
final class ApiTexts {
    static final String PATH = "/m";

    private ApiTexts() {}

    static String host(String api) {
        return api + ".localhost";
    }

    static String body(int mark) {
        return "{\"mark\":" + mark + "}";
    }

    /// An API with one route and a fixed answer.
    static String plain(String api, int mark) {
        return text(api, "", body(mark));
    }

    /// An API whose mark comes from its Go code.
    static String coded(String api, int mark) {
        String code =
                "package main\\n\\n//export mark\\nfunc mark(x int64) int64 { return "
                        + mark
                        + " + x }\\n\\nfunc main() {}\\n";
        return text(
                api,
                "\"user_code\":{\"inline_source\":\"" + code + "\"},",
                "{\"mark\":\"{{mark(0) | json}}\"}");
    }

    private static String text(String api, String code, String body) {
        return "{\"api\":\""
                + api
                + "\",\"version\":\"v2\","
                + code
                + "\"routes\":[{\"method\":\"GET\",\"path\":\""
                + PATH
                + "\",\"response\":{\"body\":"
                + body
                + "}}]}";
    }
}
