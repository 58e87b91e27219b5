package io.mimicore.dataplane.link;

import io.mimicore.ir.Body;
import io.mimicore.ir.CodeCall;
import io.mimicore.ir.Delay;
import io.mimicore.ir.Expression;
import io.mimicore.ir.Extraction;
import io.mimicore.ir.HeaderTemplate;
import io.mimicore.ir.JsonTemplate;
import io.mimicore.ir.PathPattern;
import io.mimicore.ir.RequestField;
import io.mimicore.ir.Response;
import io.mimicore.ir.Route;
import io.mimicore.ir.TextTemplate;
import io.mimicore.ir.UpstreamCall;
import io.mimicore.ir.Validation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Builds routes for tests.
public final class RouteFixture {
    private final List<String> methods;
    private final String path;
    private final List<Extraction> extractions = new ArrayList<>();
    private final List<CodeCall> codeCalls = new ArrayList<>();
    private final List<HeaderTemplate> headers = new ArrayList<>();
    private final List<UpstreamCall> upstreamCalls = new ArrayList<>();
    private Validation validation = Validation.NONE;
    private Body body = new Body.Empty();
    private int status = 200;
    private @Nullable Delay delay;

    private RouteFixture(List<String> methods, String path) {
        this.methods = methods;
        this.path = path;
    }

    public static RouteFixture of(String method, String path) {
        return new RouteFixture(List.of(method), path);
    }

    public static RouteFixture anyMethod(String path) {
        return new RouteFixture(List.of(), path);
    }

    public static TextTemplate.Part literal(String text) {
        return new TextTemplate.Literal(text);
    }

    public static TextTemplate.Part hole(Expression expression) {
        return new TextTemplate.Hole(expression);
    }

    public static Expression slot(int slot) {
        return new Expression.Variable(slot, List.of());
    }

    public static Expression call(int function, Expression... arguments) {
        return new Expression.Call(function, List.of(arguments));
    }

    public static Expression request(RequestField field) {
        return new Expression.RequestValue(field, List.of());
    }

    public RouteFixture status(int newStatus) {
        status = newStatus;
        return this;
    }

    public RouteFixture validation(Validation rules) {
        validation = rules;
        return this;
    }

    /// Extracts into the next slot.
    public RouteFixture extract(RequestField field, Extraction.ValueType type) {
        int slot = extractions.size();
        extractions.add(new Extraction(slot, "v" + slot, field, List.of(), type, null));
        return this;
    }

    public RouteFixture extract(Extraction extraction) {
        extractions.add(extraction);
        return this;
    }

    public RouteFixture codeCall(CodeCall call) {
        codeCalls.add(call);
        return this;
    }

    public RouteFixture upstreamCall(UpstreamCall call) {
        upstreamCalls.add(call);
        return this;
    }

    public RouteFixture delay(int fixedMillis, int jitterMillis) {
        delay = new Delay(fixedMillis, jitterMillis);
        return this;
    }

    public RouteFixture header(String name, TextTemplate.Part... value) {
        headers.add(new HeaderTemplate(name, new TextTemplate(List.of(value))));
        return this;
    }

    public RouteFixture text(TextTemplate.Part... parts) {
        body = new Body.Text(new TextTemplate(List.of(parts)));
        return this;
    }

    public RouteFixture json(JsonTemplate.Part... parts) {
        body = new Body.Json(new JsonTemplate(List.of(parts)));
        return this;
    }

    public Route build() {
        return new Route(
                methods,
                PathPattern.parse(path),
                validation,
                extractions,
                upstreamCalls,
                codeCalls,
                delay,
                new Response(status, headers, body),
                extractions.size() + codeCalls.size() + upstreamCalls.size());
    }
}
