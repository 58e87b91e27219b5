package io.mimicore.ir.codec;

import io.mimicore.ir.ApiIr;
import io.mimicore.ir.Argument;
import io.mimicore.ir.Body;
import io.mimicore.ir.CodeCall;
import io.mimicore.ir.Cors;
import io.mimicore.ir.Delay;
import io.mimicore.ir.Digest;
import io.mimicore.ir.Expression;
import io.mimicore.ir.Extraction;
import io.mimicore.ir.Filter;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.HeaderTemplate;
import io.mimicore.ir.HostPattern;
import io.mimicore.ir.JsonTemplate;
import io.mimicore.ir.JsonValue;
import io.mimicore.ir.NumericType;
import io.mimicore.ir.PathPattern;
import io.mimicore.ir.RateLimit;
import io.mimicore.ir.RequestField;
import io.mimicore.ir.Response;
import io.mimicore.ir.Route;
import io.mimicore.ir.Serving;
import io.mimicore.ir.Step;
import io.mimicore.ir.TextTemplate;
import io.mimicore.ir.UpstreamCall;
import io.mimicore.ir.UserCode;
import io.mimicore.ir.Validation;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// Fixed IRs that hold each kind of part at least once, every filter, type and draft included.
final class EveryKindOfIr {
    private static final Expression VARIABLE =
            new Expression.Variable(0, List.of(new Step.Field("a b"), new Step.Index(7)));

    private EveryKindOfIr() {}

    static ApiIr routes() {
        return new ApiIr(
                "orders_api",
                List.of(
                        new HostPattern.Exact("orders.example.com"),
                        new HostPattern.Suffix("example.com"),
                        new HostPattern.FirstLabel("orders_api")),
                new RateLimit(2.5, 10),
                new Cors(
                        List.of("https://a.example"),
                        List.of("GET"),
                        List.of("X-A"),
                        List.of("X-B"),
                        true,
                        600),
                new UserCode(Digest.of(new byte[] {1}), functions(), 100, 64, 1, 16),
                new Serving.Routes(List.of(route())));
    }

    static ApiIr proxy() {
        return new ApiIr(
                "p",
                List.of(new HostPattern.FirstLabel("p")),
                null,
                Cors.OPEN,
                null,
                new Serving.Proxy(new Serving.ProxyTarget.UnixSocket("/run/p.sock")));
    }

    private static List<FunctionSignature> functions() {
        return List.of(
                new FunctionSignature.Numeric(
                        "numbers", List.of(NumericType.values()), NumericType.FLOAT64),
                new FunctionSignature.Raw("raw"),
                new FunctionSignature.Json("greet", List.of("User", "int"), true, true));
    }

    private static Route route() {
        return new Route(
                List.of("GET", "POST"),
                PathPattern.parse("/orders/{id}/{rest...}"),
                validation(),
                List.of(
                        new Extraction(
                                0,
                                "x",
                                new RequestField.Body(),
                                List.of(new Step.Field("x"), new Step.Index(0)),
                                Extraction.ValueType.JSON,
                                new JsonValue.JsonObject(
                                        List.of(
                                                new JsonValue.Member(
                                                        "ä",
                                                        new JsonValue.JsonArray(
                                                                List.of(
                                                                        new JsonValue.JsonNull(),
                                                                        new JsonValue.JsonNumber(
                                                                                "1.50")))))))),
                List.of(
                        new UpstreamCall(
                                "svc",
                                1,
                                "POST",
                                text("http://u/", VARIABLE),
                                List.of(new HeaderTemplate("X-A", text("a", VARIABLE))),
                                new Body.Json(json()),
                                5_000,
                                json())),
                List.of(
                        new CodeCall(
                                "code",
                                2,
                                2,
                                List.of(
                                        new Argument.Computed(VARIABLE),
                                        new Argument.Text(text("t", VARIABLE)),
                                        new Argument.Json(json())))),
                new Delay(20, 30),
                new Response(201, List.of(), new Body.Text(everyExpression())),
                3);
    }

    private static Validation validation() {
        return new Validation(
                List.of(new Validation.FieldRule("Authorization", true, "^Bearer .+", null, null)),
                List.of(new Validation.FieldRule("page", false, null, 0.0, 1e6)),
                new Validation.BodySchema(
                        Validation.Dialect.DRAFT_2020_12, "{\"type\":\"object\"}"));
    }

    private static TextTemplate everyExpression() {
        Stream<Expression> filters =
                Arrays.stream(Filter.values())
                        .map(filter ->
                                new Expression.Filtered(
                                        VARIABLE,
                                        filter,
                                        List.of(VARIABLE, VARIABLE)
                                                .subList(0, filter.argumentsMin())));
        Stream<Expression> fields =
                Stream.of(
                                new RequestField.Method(),
                                new RequestField.Path(),
                                new RequestField.Host(),
                                new RequestField.Id(),
                                new RequestField.PathParameter("id"),
                                new RequestField.Query("q"),
                                new RequestField.Header("X-H"),
                                new RequestField.Cookie("c"),
                                new RequestField.Body())
                        .map(field -> new Expression.RequestValue(field, List.of()));
        Stream<Expression> others =
                Stream.of(
                        new Expression.Constant(new JsonValue.JsonBool(true)),
                        new Expression.Constant(new JsonValue.JsonText("\"\\\n\u0001\ud800")),
                        new Expression.Call(1, List.of(VARIABLE)));
        return new TextTemplate(
                Stream.of(filters, fields, others)
                        .flatMap(each -> each)
                        .<TextTemplate.Part>map(TextTemplate.Hole::new)
                        .toList());
    }

    private static TextTemplate text(String literal, Expression hole) {
        return new TextTemplate(
                List.of(new TextTemplate.Literal(literal), new TextTemplate.Hole(hole)));
    }

    private static JsonTemplate json() {
        return new JsonTemplate(
                List.of(
                        new JsonTemplate.Raw("[\""),
                        new JsonTemplate.InString(VARIABLE),
                        new JsonTemplate.Raw("\","),
                        new JsonTemplate.Value(VARIABLE),
                        new JsonTemplate.Raw("]")));
    }
}
