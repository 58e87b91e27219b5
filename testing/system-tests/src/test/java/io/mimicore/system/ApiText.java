package io.mimicore.system;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The text of a config file, put together. Not thread-safe.
final class ApiText {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final String name;
    private final List<String> routes = new ArrayList<>();
    private String code = "";

    /// Patient, since the default deadline is shorter than a stall of a machine that runs tests.
    private String limits = "{\"timeout_ms\":10000}";

    private ApiText(String name) {
        this.name = name;
    }

    static ApiText of(String name) {
        return new ApiText(name);
    }

    /// User code: the text behind `package main`, without `main`.
    ApiText code(String source) {
        code = "package main\n\n" + source + "\nfunc main() {}\n";
        return this;
    }

    /// The fields of `user_code` beside the source.
    ApiText limits(String json) {
        limits = json;
        return this;
    }

    /// A route that answers a GET with this JSON.
    ApiText get(String path, String body) {
        return route(
                "{\"method\":\"GET\",\"path\":\""
                        + path
                        + "\",\"response\":{\"body\":"
                        + body
                        + "}}");
    }

    /// A route that answers a POST with this JSON.
    ApiText post(String path, String body) {
        return route(
                "{\"method\":\"POST\",\"path\":\""
                        + path
                        + "\",\"response\":{\"body\":"
                        + body
                        + "}}");
    }

    ApiText route(String json) {
        routes.add(json);
        return this;
    }

    String text() {
        ObjectNode api = MAPPER.createObjectNode();
        api.put("api", name).put("version", "v2");
        if (!code.isEmpty()) {
            ObjectNode userCode = api.putObject("user_code");
            userCode.setAll((ObjectNode) MAPPER.readTree(limits));
            userCode.put("inline_source", code);
        }
        ArrayNode list = api.putArray("routes");
        routes.forEach(route -> list.add(MAPPER.readTree(route)));
        return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(api) + "\n";
    }
}
