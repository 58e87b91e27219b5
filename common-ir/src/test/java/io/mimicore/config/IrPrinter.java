package io.mimicore.config;

import io.mimicore.ir.ApiIr;
import io.mimicore.ir.Argument;
import io.mimicore.ir.Body;
import io.mimicore.ir.CodeCall;
import io.mimicore.ir.Cors;
import io.mimicore.ir.Delay;
import io.mimicore.ir.Expression;
import io.mimicore.ir.Extraction;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.HeaderTemplate;
import io.mimicore.ir.HostPattern;
import io.mimicore.ir.JsonPrinter;
import io.mimicore.ir.JsonTemplate;
import io.mimicore.ir.NumericType;
import io.mimicore.ir.PathPattern;
import io.mimicore.ir.RequestField;
import io.mimicore.ir.Route;
import io.mimicore.ir.Serving;
import io.mimicore.ir.Step;
import io.mimicore.ir.TextTemplate;
import io.mimicore.ir.UpstreamCall;
import io.mimicore.ir.UserCode;
import io.mimicore.ir.Validation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Prints an API as lines that a reader can check: slots as `#0`, holes in text as `${…}`, holes
/// that become JSON values as `$json{…}`.
final class IrPrinter {
    private final StringBuilder out = new StringBuilder();
    private final List<String> functions = new ArrayList<>();

    private IrPrinter() {}

    static String print(ApiIr api) {
        IrPrinter printer = new IrPrinter();
        printer.api(api);
        return printer.out.toString();
    }

    private void line(String indent, Object... words) {
        StringBuilder line = new StringBuilder(indent);
        for (Object word : words) {
            line.append(word).append(' ');
        }
        out.append(line.toString().stripTrailing()).append('\n');
    }

    private void api(ApiIr api) {
        line("", "api", api.name());
        api.hosts().forEach(host -> line("", "host", host(host)));
        if (api.rateLimit() != null) {
            line(
                    "",
                    "rate",
                    api.rateLimit().requestsPerSecond() + "/s",
                    "burst",
                    api.rateLimit().burst());
        }
        if (!api.cors().equals(Cors.OPEN)) {
            cors(api.cors());
        }
        if (api.userCode() != null) {
            code(api.userCode());
        }
        switch (api.serving()) {
            case Serving.Routes routes -> routes.routes().forEach(this::route);
            case Serving.Proxy(Serving.ProxyTarget.UnixSocket(String path)) ->
                    line("", "proxy socket", path);
            case Serving.Proxy(Serving.ProxyTarget.Upstream(String url)) ->
                    line("", "proxy upstream", url);
        }
    }

    private static String host(HostPattern host) {
        return switch (host) {
            case HostPattern.Exact exact -> exact.host();
            case HostPattern.Suffix suffix -> "*." + suffix.suffix();
            case HostPattern.FirstLabel first -> first.label() + ".*";
        };
    }

    private void cors(Cors cors) {
        line(
                "",
                "cors origins " + cors.origins(),
                "methods " + cors.methods(),
                "headers " + cors.headers(),
                "expose " + cors.exposeHeaders(),
                "credentials " + cors.credentials(),
                "max age " + cors.maxAgeSeconds() + " s");
    }

    private void code(UserCode code) {
        line(
                "",
                "code",
                code.buildKey().hex().substring(0, 8),
                "timeout " + code.timeoutMillis() + " ms",
                "memory " + code.maxMemoryMib() + " MiB",
                "instances " + code.minInstances() + ".." + code.maxInstances());
        for (FunctionSignature function : code.functions()) {
            functions.add(function.name());
            line("  ", "function", function(function));
        }
    }

    private static String function(FunctionSignature function) {
        return switch (function) {
            case FunctionSignature.Raw raw -> raw.name() + " raw";
            case FunctionSignature.Json json ->
                    json.name()
                            + " json("
                            + String.join(", ", json.parameterTypes())
                            + ")"
                            + (json.returnsValue() ? " value" : "")
                            + (json.returnsError() ? " error" : "");
            case FunctionSignature.Numeric numeric -> {
                String parameters =
                        numeric.parameters().stream()
                                .map(NumericType::goName)
                                .collect(Collectors.joining(", "));
                NumericType result = numeric.result();
                yield numeric.name()
                        + "("
                        + parameters
                        + ")"
                        + (result == null ? "" : " " + result.goName());
            }
        };
    }

    private void route(Route route) {
        line(
                "",
                "route",
                route.methods().isEmpty() ? "*" : String.join(",", route.methods()),
                route.path().text());
        line("  ", "path", segments(route.path()));
        validation(route.validation());
        route.extractions().forEach(this::extraction);
        route.upstreamCalls().forEach(this::upstreamCall);
        route.codeCalls().forEach(this::codeCall);
        Delay delay = route.delay();
        if (delay != null) {
            line("  ", "delay", delay.fixedMillis(), "+", delay.jitterMillis(), "ms");
        }
        line("  ", "status", route.response().status());
        route.response().headers().forEach(header -> header("  ", header));
        body("  ", route.response().body());
    }

    private static String segments(PathPattern path) {
        List<String> segments = new ArrayList<>();
        for (PathPattern.Segment segment : path.segments()) {
            segments.add(
                    switch (segment) {
                        case PathPattern.Literal literal -> literal.text();
                        case PathPattern.Parameter parameter -> "<" + parameter.name() + ">";
                        case PathPattern.Rest rest -> "<" + rest.name() + "...>";
                    });
        }
        return segments.toString();
    }

    private void validation(Validation validation) {
        validation.headers().forEach(rule -> rule("header", rule));
        validation.query().forEach(rule -> rule("query", rule));
        if (validation.body() != null) {
            line(
                    "  ",
                    "validate body",
                    validation.body().dialect().name().toLowerCase(Locale.ROOT),
                    validation.body().json());
        }
    }

    private void rule(String kind, Validation.FieldRule rule) {
        line(
                "  ",
                "validate " + kind,
                rule.name(),
                rule.required() ? "required" : "optional",
                rule.pattern() == null ? "" : "pattern " + rule.pattern(),
                rule.min() == null ? "" : "min " + rule.min(),
                rule.max() == null ? "" : "max " + rule.max());
    }

    private void extraction(Extraction extraction) {
        line(
                "  ",
                "#" + extraction.slot(),
                extraction.variable(),
                "=",
                field(extraction.source()) + steps(extraction.steps()),
                extraction.type().name().toLowerCase(Locale.ROOT),
                extraction.defaultValue() == null
                        ? ""
                        : "default " + JsonPrinter.print(extraction.defaultValue()));
    }

    private void upstreamCall(UpstreamCall call) {
        line(
                "  ",
                "#" + call.slot(),
                call.name(),
                "= http",
                call.method(),
                text(call.url()),
                "timeout " + call.timeoutMillis() + " ms");
        call.headers().forEach(header -> header("    ", header));
        body("    ", call.body());
        if (call.onError() != null) {
            line("    ", "on error", json(call.onError()));
        }
    }

    private void codeCall(CodeCall call) {
        String arguments =
                call.arguments().stream()
                        .map(argument ->
                                switch (argument) {
                                    case Argument.Computed computed ->
                                            expression(computed.expression());
                                    case Argument.Text text -> "text " + text(text.template());
                                    case Argument.Json json -> "json " + json(json.template());
                                })
                        .collect(Collectors.joining(", "));
        line(
                "  ",
                "#" + call.slot(),
                call.name(),
                "= wasm",
                functions.get(call.function()) + "(" + arguments + ")");
    }

    private void header(String indent, HeaderTemplate header) {
        line(indent, "header", header.name() + ":", text(header.value()));
    }

    private void body(String indent, Body body) {
        switch (body) {
            case Body.Empty _ -> {}
            case Body.Text text -> line(indent, "body text", text(text.template()));
            case Body.Json json -> line(indent, "body json", json(json.template()));
        }
    }

    private String text(TextTemplate template) {
        StringBuilder text = new StringBuilder();
        for (TextTemplate.Part part : template.parts()) {
            switch (part) {
                case TextTemplate.Literal literal -> JsonPrinter.escape(literal.text(), text);
                case TextTemplate.Hole hole ->
                        text.append("${").append(expression(hole.expression())).append('}');
            }
        }
        return text.toString();
    }

    private String json(JsonTemplate template) {
        StringBuilder text = new StringBuilder();
        for (JsonTemplate.Part part : template.parts()) {
            switch (part) {
                case JsonTemplate.Raw raw -> text.append(raw.text());
                case JsonTemplate.InString inString ->
                        text.append("${").append(expression(inString.expression())).append('}');
                case JsonTemplate.Value value ->
                        text.append("$json{").append(expression(value.expression())).append('}');
            }
        }
        return text.toString();
    }

    private String expression(Expression expression) {
        return switch (expression) {
            case Expression.Constant constant -> JsonPrinter.print(constant.value());
            case Expression.Variable variable -> "#" + variable.slot() + steps(variable.steps());
            case Expression.RequestValue request -> field(request.field()) + steps(request.steps());
            case Expression.Call call ->
                    functions.get(call.function()) + "(" + expressions(call.arguments()) + ")";
            case Expression.Filtered filtered ->
                    expression(filtered.input())
                            + " | "
                            + filtered.filter().filterName()
                            + (filtered.arguments().isEmpty()
                                    ? ""
                                    : "(" + expressions(filtered.arguments()) + ")");
        };
    }

    private String expressions(List<Expression> expressions) {
        return expressions.stream().map(this::expression).collect(Collectors.joining(", "));
    }

    private static String field(RequestField field) {
        return switch (field) {
            case RequestField.Method _ -> "method";
            case RequestField.Path _ -> "path";
            case RequestField.Host _ -> "host";
            case RequestField.Id _ -> "id";
            case RequestField.PathParameter parameter -> "path." + parameter.name();
            case RequestField.Query query -> "query." + query.name();
            case RequestField.Header header -> "header." + header.name();
            case RequestField.Cookie cookie -> "cookie." + cookie.name();
            case RequestField.Body _ -> "body";
        };
    }

    private static String steps(@Nullable List<Step> steps) {
        StringBuilder text = new StringBuilder();
        if (steps != null) {
            for (Step step : steps) {
                switch (step) {
                    case Step.Field field -> text.append('.').append(field.name());
                    case Step.Index index -> text.append('[').append(index.index()).append(']');
                }
            }
        }
        return text.toString();
    }
}
