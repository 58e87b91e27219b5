package io.mimicore.config;

import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.diagnostics.Suggestions;
import io.mimicore.ir.ApiIr;
import io.mimicore.ir.Body;
import io.mimicore.ir.Cors;
import io.mimicore.ir.HostPattern;
import io.mimicore.ir.JsonTemplate;
import io.mimicore.ir.PathPattern;
import io.mimicore.ir.Response;
import io.mimicore.ir.Route;
import io.mimicore.ir.Serving;
import io.mimicore.ir.Validation;
import io.mimicore.ir.Validation.BodySchema;
import io.mimicore.ir.Validation.Dialect;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads a v1 file: a list of routes with fixed JSON responses. `{{` is plain text in it.
final class V1Reader {
    private static final int STATUS = 200;

    /// JSON Schemas of the types that `request` names.
    private static final Map<String, String> TYPES =
            Map.of(
                    "int", "{\"type\":\"integer\"}",
                    "string", "{\"type\":\"string\"}",
                    "float", "{\"type\":\"number\"}",
                    "number", "{\"type\":\"number\"}",
                    "bool", "{\"type\":\"boolean\"}",
                    "object", "{\"type\":\"object\"}",
                    "array", "{\"type\":\"array\"}",
                    "any", "true");

    private final Problems problems;

    V1Reader(Problems problems) {
        this.problems = problems;
    }

    /// The API; absent when something is wrong, which is reported.
    ///
    /// @param name the API's
    @Nullable ApiIr read(LocatedJson.Array root, String name) {
        int before = problems.errors();
        if (root.elements().size() > ApiReader.ROUTES_MAX) {
            problems.error(
                    root,
                    DiagnosticCode.LIMIT,
                    "routes: "
                            + root.elements().size()
                            + " (expected: at most "
                            + ApiReader.ROUTES_MAX
                            + ")",
                    "divide the API");
            return null;
        }
        List<Route> routes = new ArrayList<>();
        RouteTable table = new RouteTable(problems);
        for (LocatedJson element : root.elements()) {
            if (element instanceof LocatedJson.Fields fields) {
                Route route = route(fields, table);
                if (route != null) {
                    routes.add(route);
                }
            } else {
                problems.error(
                        element,
                        DiagnosticCode.FIELD_TYPE,
                        "route: " + element.shown() + " (expected: an object)",
                        "");
            }
        }
        return problems.errors() > before
                ? null
                : new ApiIr(
                        name,
                        List.of(new HostPattern.FirstLabel(name)),
                        null,
                        Cors.OPEN,
                        null,
                        new Serving.Routes(routes));
    }

    private @Nullable Route route(LocatedJson.Fields fields, RouteTable table) {
        int before = problems.errors();
        FieldReader route = new FieldReader(fields, FormatObject.V1_ROUTE, problems);
        List<String> methods =
                new MethodReader(problems).read(route.require("method", "a method like GET"));
        LocatedJson.Text pathAt = route.requireText("path", "a path like /users/{id}");
        PathPattern path = new PathReader(problems).read(pathAt);
        if (methods != null && path != null && pathAt != null) {
            table.add(methods, path, pathAt);
        }
        LocatedJson response = route.require("response", "the JSON body of the response");
        Validation validation = validation(route.fields("request"));
        if (problems.errors() > before || methods == null || path == null || response == null) {
            return null;
        }
        return new Route(
                methods,
                path,
                validation,
                List.of(),
                List.of(),
                List.of(),
                null,
                new Response(STATUS, List.of(), body(response)),
                0);
    }

    private static Body body(LocatedJson response) {
        return new Body.Json(
                new JsonTemplate(List.of(new JsonTemplate.Raw(CanonicalJson.write(response)))));
    }

    private Validation validation(LocatedJson.@Nullable Fields request) {
        return request == null
                ? Validation.NONE
                : new Validation(
                        List.of(),
                        List.of(),
                        new BodySchema(Dialect.DRAFT_2020_12, object(request)));
    }

    /// The schema of an object that has every field that is named.
    private String object(LocatedJson.Fields fields) {
        StringBuilder properties = new StringBuilder();
        StringBuilder required = new StringBuilder();
        for (LocatedJson.Member member : fields.members()) {
            String separator = properties.isEmpty() ? "" : ",";
            String name = CanonicalJson.quote(member.name());
            properties.append(separator).append(name).append(':').append(type(member));
            required.append(separator).append(name);
        }
        return properties.isEmpty()
                ? "{\"type\":\"object\"}"
                : "{\"type\":\"object\",\"properties\":{"
                        + properties
                        + "},\"required\":["
                        + required
                        + "]}";
    }

    private String type(LocatedJson.Member member) {
        return switch (member.value()) {
            case LocatedJson.Fields fields -> object(fields);
            case LocatedJson.Text text when TYPES.containsKey(text.text()) ->
                    TYPES.getOrDefault(text.text(), "true");
            case LocatedJson value -> {
                String hint =
                        value instanceof LocatedJson.Text text
                                ? Suggestions.closest(text.text(), TYPES.keySet())
                                        .map(near -> "did you mean " + near + "?")
                                        .orElse("")
                                : "";
                problems.error(
                        value,
                        value instanceof LocatedJson.Text
                                ? DiagnosticCode.FIELD_VALUE
                                : DiagnosticCode.FIELD_TYPE,
                        member.name()
                                + ": "
                                + value.shown()
                                + " (expected: "
                                + String.join(", ", TYPES.keySet().stream().sorted().toList())
                                + " or an object)",
                        hint);
                yield "true";
            }
        };
    }
}
