package io.mimicore.ir;

import io.mimicore.ir.JsonValue.JsonArray;
import io.mimicore.ir.JsonValue.JsonBool;
import io.mimicore.ir.JsonValue.JsonNull;
import io.mimicore.ir.JsonValue.JsonNumber;
import io.mimicore.ir.JsonValue.JsonObject;
import io.mimicore.ir.JsonValue.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Makes arbitrary, valid IRs: every kind of everything, odd texts included.
public final class RandomIr {
    private static final List<String> NUMBERS =
            List.of("0", "-0", "1", "-17", "1.50", "1e5", "-2.5E-3", "18446744073709551615", "0.1");
    private static final String[] TEXT_PIECES = {
        "a",
        "Z",
        "0",
        "_",
        "-",
        " ",
        "{",
        "}",
        "{{",
        "}}",
        "'",
        "\"",
        "\\",
        "\n",
        "\t",
        "\u0000",
        "|",
        "(",
        "ä",
        "€",
        "\ud83d\ude00",
        "\u2028",
        "é",
        "/",
        "?"
    };

    private final RandomGenerator random;

    public RandomIr(RandomGenerator random) {
        this.random = random;
    }

    /// An API with routes, or a proxy.
    public ApiIr api() {
        List<FunctionSignature> functions = list(4, this::function);
        UserCode userCode = random.nextBoolean() ? userCode(functions) : null;
        int callable = userCode == null ? 0 : functions.size();
        return new ApiIr(
                "api_" + random.nextInt(1_000),
                atLeastOne(this::host),
                maybe(() ->
                        new RateLimit(random.nextDouble(0.001, 1e6), 1 + random.nextInt(1_000))),
                cors(),
                userCode,
                random.nextInt(10) == 0
                        ? proxy()
                        : new Serving.Routes(list(4, () -> route(callable))));
    }

    /// A route whose calls name functions below `functions`.
    public Route route(int functions) {
        int extractions = random.nextInt(4);
        int upstreamCalls = random.nextInt(3);
        int codeCalls = functions == 0 ? 0 : random.nextInt(3);
        int slots = extractions + upstreamCalls + codeCalls;
        Names names = new Names(slots, functions, List.of("id", "rest"));
        List<Extraction> extracted = new ArrayList<>();
        for (int slot = 0; slot < extractions; slot++) {
            extracted.add(extraction(slot));
        }
        List<UpstreamCall> upstream = new ArrayList<>();
        for (int i = 0; i < upstreamCalls; i++) {
            upstream.add(upstreamCall(extractions + i, names));
        }
        List<CodeCall> code = new ArrayList<>();
        for (int i = 0; i < codeCalls; i++) {
            code.add(codeCall(extractions + upstreamCalls + i, names));
        }
        return new Route(
                list(3, () -> pick(List.of("GET", "POST", "PUT", "X-ODD"))),
                PathPattern.parse(pick(List.of("/", "/a/{id}", "/a//b/", "/{id}/x/{rest...}"))),
                validation(),
                extracted,
                upstream,
                code,
                maybe(() -> new Delay(random.nextInt(600_001), random.nextInt(600_001))),
                new Response(200 + random.nextInt(400), list(3, () -> header(names)), body(names)),
                slots);
    }

    /// What an expression may name. Function number `f` is called with `f % 4` arguments.
    ///
    /// @param pathParameters not empty
    public record Names(int slots, int functions, List<String> pathParameters) {}

    /// An expression of at most `height` levels.
    public Expression expression(Names names, int height) {
        int kind = random.nextInt(height > 1 ? 6 : 3);
        return switch (kind) {
            case 0 -> new Expression.Constant(scalar());
            case 1 -> names.slots() == 0 ? requestValue(names) : variable(names);
            case 2 -> requestValue(names);
            case 3 -> names.functions() == 0 ? filtered(names, height) : call(names, height);
            default -> filtered(names, height);
        };
    }

    /// A text with holes.
    public TextTemplate text(Names names) {
        return new TextTemplate(
                list(
                        4,
                        () ->
                                random.nextBoolean()
                                        ? new TextTemplate.Literal(string())
                                        : new TextTemplate.Hole(expression(names, 4))));
    }

    /// A scalar JSON value.
    public JsonValue scalar() {
        return switch (random.nextInt(4)) {
            case 0 -> new JsonNull();
            case 1 -> new JsonBool(random.nextBoolean());
            case 2 -> new JsonNumber(pick(NUMBERS));
            default -> new JsonText(string());
        };
    }

    /// A JSON value of at most `height` levels of arrays and objects.
    public JsonValue json(int height) {
        if (height == 0 || random.nextBoolean()) {
            return scalar();
        }
        if (random.nextBoolean()) {
            return new JsonArray(list(4, () -> json(height - 1)));
        }
        List<JsonValue.Member> members = new ArrayList<>();
        for (int i = 0; i < random.nextInt(4); i++) {
            members.add(new JsonValue.Member(i + string(), json(height - 1)));
        }
        return new JsonObject(members);
    }

    /// Unicode text, with whatever a format may stumble over.
    public String string() {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(6); i > 0; i--) {
            text.append(TEXT_PIECES[random.nextInt(TEXT_PIECES.length)]);
        }
        return text.toString();
    }

    /// A function's signature of any shape.
    public FunctionSignature function() {
        String name = "f" + random.nextInt(100);
        return switch (random.nextInt(3)) {
            case 0 ->
                    new FunctionSignature.Numeric(
                            name, list(3, this::numericType), maybe(this::numericType));
            case 1 -> new FunctionSignature.Raw(name);
            default ->
                    new FunctionSignature.Json(
                            name,
                            list(3, () -> pick(List.of("User", "[]string", "map[string]int"))),
                            random.nextBoolean(),
                            random.nextBoolean());
        };
    }

    private NumericType numericType() {
        return pick(List.of(NumericType.values()));
    }

    private Expression variable(Names names) {
        return new Expression.Variable(random.nextInt(names.slots()), list(4, this::step));
    }

    private Expression requestValue(Names names) {
        RequestField field = requestField(names);
        boolean hasParts = field instanceof RequestField.Body;
        return new Expression.RequestValue(field, hasParts ? list(3, this::step) : List.of());
    }

    private Expression call(Names names, int height) {
        int function = random.nextInt(names.functions());
        List<Expression> arguments = new ArrayList<>();
        for (int i = 0; i < function % 4; i++) {
            arguments.add(expression(names, height - 1));
        }
        return new Expression.Call(function, arguments);
    }

    private Expression filtered(Names names, int height) {
        Filter filter = pick(List.of(Filter.values()));
        int count =
                filter.argumentsMin()
                        + random.nextInt(filter.argumentsMax() - filter.argumentsMin() + 1);
        List<Expression> arguments = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            arguments.add(expression(names, height - 1));
        }
        return new Expression.Filtered(expression(names, height - 1), filter, arguments);
    }

    private Step step() {
        return switch (random.nextInt(4)) {
            case 0 -> new Step.Index(random.nextInt(1_000));
            case 1 -> new Step.Field(string());
            case 2 -> new Step.Field("$status");
            default -> new Step.Field("name-" + random.nextInt(10));
        };
    }

    private RequestField requestField(Names names) {
        return switch (random.nextInt(9)) {
            case 0 -> new RequestField.Method();
            case 1 -> new RequestField.Path();
            case 2 -> new RequestField.Host();
            case 3 -> new RequestField.Id();
            case 4 -> new RequestField.PathParameter(pick(names.pathParameters()));
            case 5 -> new RequestField.Query("q" + string());
            case 6 -> new RequestField.Header("X-Header");
            case 7 -> new RequestField.Cookie("c" + string());
            default -> new RequestField.Body();
        };
    }

    private Extraction extraction(int slot) {
        RequestField source = requestField(new Names(0, 0, List.of("id")));
        boolean hasParts = source instanceof RequestField.Body;
        return new Extraction(
                slot,
                "v" + slot,
                source,
                hasParts ? list(3, this::step) : List.of(),
                pick(List.of(Extraction.ValueType.values())),
                maybe(() -> json(3)));
    }

    private UpstreamCall upstreamCall(int slot, Names names) {
        return new UpstreamCall(
                "call" + slot,
                slot,
                pick(List.of("GET", "POST")),
                text(names),
                list(3, () -> header(names)),
                body(names),
                1 + random.nextInt(600_000),
                maybe(() -> jsonTemplate(names)));
    }

    private CodeCall codeCall(int slot, Names names) {
        return new CodeCall(
                "code" + slot,
                slot,
                random.nextInt(names.functions()),
                list(
                        3,
                        () ->
                                switch (random.nextInt(3)) {
                                    case 0 -> new Argument.Computed(expression(names, 3));
                                    case 1 -> new Argument.Text(text(names));
                                    default -> new Argument.Json(jsonTemplate(names));
                                }));
    }

    private HeaderTemplate header(Names names) {
        return new HeaderTemplate("X-" + random.nextInt(10), text(names));
    }

    private Body body(Names names) {
        return switch (random.nextInt(3)) {
            case 0 -> new Body.Empty();
            case 1 -> new Body.Text(text(names));
            default -> new Body.Json(jsonTemplate(names));
        };
    }

    private JsonTemplate jsonTemplate(Names names) {
        return new JsonTemplate(
                atLeastOne(() ->
                        switch (random.nextInt(3)) {
                            case 0 -> new JsonTemplate.Raw(string());
                            case 1 -> new JsonTemplate.InString(expression(names, 3));
                            default -> new JsonTemplate.Value(expression(names, 3));
                        }));
    }

    private Validation validation() {
        return new Validation(
                list(2, this::fieldRule),
                list(2, this::fieldRule),
                maybe(() ->
                        new Validation.BodySchema(
                                pick(List.of(Validation.Dialect.values())),
                                "{\"title\":\"" + random.nextInt() + "\"}")));
    }

    private Validation.FieldRule fieldRule() {
        return new Validation.FieldRule(
                "n" + string(),
                random.nextBoolean(),
                maybe(this::string),
                maybe(() -> random.nextDouble(-1e9, 0)),
                maybe(() -> random.nextDouble(0, 1e9)));
    }

    private HostPattern host() {
        return switch (random.nextInt(3)) {
            case 0 -> new HostPattern.Exact("api.example.com");
            case 1 -> new HostPattern.Suffix("example.com");
            default -> new HostPattern.FirstLabel("my_api");
        };
    }

    private Cors cors() {
        if (random.nextBoolean()) {
            return Cors.OPEN;
        }
        return new Cors(
                List.of("https://a.example"),
                list(2, () -> "GET"),
                list(2, () -> "X-A"),
                list(2, this::string),
                random.nextBoolean(),
                random.nextLong(Long.MAX_VALUE));
    }

    private UserCode userCode(List<FunctionSignature> functions) {
        int maxInstances = 1 + random.nextInt(1_024);
        return new UserCode(
                Digest.of(new byte[] {(byte) random.nextInt()}),
                functions,
                1 + random.nextInt(600_000),
                1 + random.nextInt(2_047),
                random.nextInt(maxInstances + 1),
                maxInstances);
    }

    private Serving proxy() {
        return new Serving.Proxy(
                random.nextBoolean()
                        ? new Serving.ProxyTarget.UnixSocket("/run/" + string())
                        : new Serving.ProxyTarget.Upstream("http://upstream:8080"));
    }

    private <T> List<T> list(int countMax, Supplier<T> element) {
        List<T> elements = new ArrayList<>();
        for (int i = random.nextInt(countMax + 1); i > 0; i--) {
            elements.add(element.get());
        }
        return elements;
    }

    private <T> List<T> atLeastOne(Supplier<T> element) {
        List<T> elements = new ArrayList<>(list(3, element));
        elements.add(element.get());
        return elements;
    }

    private <T> @Nullable T maybe(Supplier<T> value) {
        return random.nextBoolean() ? value.get() : null;
    }

    private <T> T pick(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }
}
