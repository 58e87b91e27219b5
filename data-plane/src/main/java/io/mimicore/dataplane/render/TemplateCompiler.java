package io.mimicore.dataplane.render;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.dataplane.extract.FieldSource;
import io.mimicore.dataplane.routing.PathParameters;
import io.mimicore.dataplane.value.Json;
import io.mimicore.dataplane.value.Value;
import io.mimicore.ir.Argument;
import io.mimicore.ir.CodeCall;
import io.mimicore.ir.Expression;
import io.mimicore.ir.JsonTemplate;
import io.mimicore.ir.RequestField;
import io.mimicore.ir.TextTemplate;
import java.util.ArrayList;
import java.util.List;

/// Compiles the templates of one route. Confined to one thread.
///
/// Rendering never waits, so calls of user code are taken out of the expressions: each becomes a
/// [CodeInvocation] into a slot of its own, behind the slots of the route, and leaves a read of
/// that slot in its place. A call is made whatever filters stand behind it.
public final class TemplateCompiler {
    private final PathParameters parameters;
    private final List<CodeInvocation> invocations = new ArrayList<>();
    private int slots;
    private boolean readsBody;
    private boolean readsQuery;

    /// @param parameters those of the route's path
    /// @param slots number of slots that the route has itself
    public TemplateCompiler(PathParameters parameters, int slots) {
        this.parameters = parameters;
        this.slots = slots;
    }

    /// Compiles a text template.
    ///
    /// @throws IllegalArgumentException if it names a path parameter that the path does not have
    public Template compile(TextTemplate template) {
        var builder = new Template.Builder();
        for (TextTemplate.Part part : template.parts()) {
            switch (part) {
                case TextTemplate.Literal literal -> builder.addText(literal.text());
                case TextTemplate.Hole hole -> builder.addTextHole(compile(hole.expression()));
            }
        }
        return builder.build();
    }

    /// Compiles a JSON template.
    ///
    /// @throws IllegalArgumentException if it names a path parameter that the path does not have
    public Template compile(JsonTemplate template) {
        var builder = new Template.Builder();
        for (JsonTemplate.Part part : template.parts()) {
            switch (part) {
                case JsonTemplate.Raw raw -> builder.addText(raw.text());
                case JsonTemplate.InString hole ->
                        builder.addStringHole(compile(hole.expression()));
                case JsonTemplate.Value hole -> builder.addJsonHole(compile(hole.expression()));
            }
        }
        return builder.build();
    }

    /// Compiles a call whose result goes into a slot of the route.
    public void compile(CodeCall call) {
        List<Node> arguments = new ArrayList<>();
        for (Argument argument : call.arguments()) {
            arguments.add(
                    switch (argument) {
                        case Argument.Computed computed -> compile(computed.expression());
                        case Argument.Text text -> text(compile(text.template()));
                        case Argument.Json json -> json(compile(json.template()));
                    });
        }
        invocations.add(new CodeInvocation(call.slot(), call.function(), arguments));
    }

    /// Every call that was found, an inner one before the call that takes its result.
    public List<CodeInvocation> invocations() {
        return List.copyOf(invocations);
    }

    /// Number of slots, those of the calls included.
    public int slots() {
        return slots;
    }

    /// Whether something reads the body.
    public boolean readsBody() {
        return readsBody;
    }

    /// Whether something reads the query.
    public boolean readsQuery() {
        return readsQuery;
    }

    private Node compile(Expression expression) {
        return switch (expression) {
            case Expression.Constant constant -> new Node.Constant(Json.value(constant.value()));
            case Expression.Variable variable ->
                    new Node.FromSlot(variable.slot(), variable.steps());
            case Expression.RequestValue value -> {
                readsBody |= value.field() instanceof RequestField.Body;
                readsQuery |= value.field() instanceof RequestField.Query;
                yield new Node.FromRequest(
                        FieldSource.of(value.field(), parameters), value.steps());
            }
            case Expression.Call call -> {
                List<Node> arguments = call.arguments().stream().map(this::compile).toList();
                int slot = slots++;
                invocations.add(new CodeInvocation(slot, call.function(), arguments));
                yield new Node.FromSlot(slot, List.of());
            }
            case Expression.Filtered filtered ->
                    new Node.Filtered(
                            filtered.filter(),
                            compile(filtered.input()),
                            filtered.arguments().stream().map(this::compile).toList());
        };
    }

    private static Node text(Template template) {
        return template.isConstant()
                ? new Node.Constant(new Value.Text(new String(template.constant(), UTF_8)))
                : new Node.RenderedText(template);
    }

    private static Node json(Template template) {
        return template.isConstant()
                ? new Node.Constant(new Value.Encoded(template.constant()))
                : new Node.RenderedJson(template);
    }
}
