package io.mimicore.dataplane.render;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.mimicore.dataplane.extract.FieldSource;
import io.mimicore.dataplane.routing.PathParameters;
import io.mimicore.dataplane.value.Json;
import io.mimicore.dataplane.value.Value;
import io.mimicore.ir.Argument;
import io.mimicore.ir.CodeCall;
import io.mimicore.ir.Expression;
import io.mimicore.ir.JsonTemplate;
import io.mimicore.ir.RequestField;
import io.mimicore.ir.Step;
import io.mimicore.ir.TextTemplate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Compiles the templates of one route. Confined to one thread.
///
/// Rendering never waits, so calls of user code are taken out of the expressions: each becomes a
/// [CodeInvocation] into a slot of its own, behind the slots of the route, and leaves a read of
/// that slot in its place. A call is made whatever filters stand behind it.
public final class TemplateCompiler {
    private final PathParameters parameters;
    private final List<CodeInvocation> invocations = new ArrayList<>();
    private final Map<Integer, Reply> replies = new HashMap<>();
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

    /// Compiles a URL.
    ///
    /// @throws IllegalArgumentException if it is none, or names a path parameter that the path does
    ///   not have
    public UrlTemplate compileUrl(TextTemplate url) {
        return UrlTemplate.of(url, this);
    }

    /// Says, before anything is compiled, that a slot holds the response of a call: `$status` and
    /// `$headers` of it get slots of their own.
    public void declareReply(int slot) {
        replies.put(slot, new Reply(slots++));
    }

    /// The slots of a response, once everything of the route is compiled.
    public ReplySlots replySlots(int slot) {
        Reply reply = requireNonNull(replies.get(slot), "reply");
        List<ReplySlots.Header> headers = new ArrayList<>();
        reply.headers.forEach((name, place) -> headers.add(new ReplySlots.Header(name, place)));
        return new ReplySlots(slot, reply.status, reply.statusIsRead, reply.allHeaders, headers);
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

    Node compile(Expression expression) {
        return switch (expression) {
            case Expression.Constant constant -> new Node.Constant(Json.value(constant.value()));
            case Expression.Variable variable -> variable(variable);
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

    private Node variable(Expression.Variable variable) {
        List<Step> steps = variable.steps();
        Reply reply = replies.get(variable.slot());
        if (reply == null || steps.isEmpty() || !(steps.getFirst() instanceof Step.Field part)) {
            return new Node.FromSlot(variable.slot(), steps);
        }
        if (part.name().equals("$status")) {
            reply.statusIsRead = true;
            return new Node.FromSlot(reply.status, steps.subList(1, steps.size()));
        }
        if (!part.name().equals("$headers")) {
            return new Node.FromSlot(variable.slot(), steps);
        }
        if (steps.size() > 1 && steps.get(1) instanceof Step.Field header) {
            int place =
                    reply.headers.computeIfAbsent(
                            header.name().toLowerCase(Locale.ROOT), _ -> slots++);
            return new Node.FromSlot(place, steps.subList(2, steps.size()));
        }
        if (reply.allHeaders < 0) {
            reply.allHeaders = slots++;
        }
        return new Node.FromSlot(reply.allHeaders, steps.subList(1, steps.size()));
    }

    /// What is read of a response besides its body.
    private static final class Reply {
        private final int status;
        private final Map<String, Integer> headers = new LinkedHashMap<>();
        private int allHeaders = -1;
        private boolean statusIsRead;

        Reply(int status) {
            this.status = status;
        }
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
