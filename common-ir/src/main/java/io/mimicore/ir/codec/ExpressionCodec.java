package io.mimicore.ir.codec;

import io.mimicore.ir.Expression;
import io.mimicore.ir.Filter;
import io.mimicore.proto.ir.v1.Call;
import io.mimicore.proto.ir.v1.Filtered;
import io.mimicore.proto.ir.v1.RequestValue;
import io.mimicore.proto.ir.v1.Variable;
import java.util.List;

/// Expressions, whose nesting is bounded in both directions.
final class ExpressionCodec {
    /// Deepest nesting of calls and filters; twice what templates can write.
    static final int DEPTH_MAX = 64;

    private ExpressionCodec() {}

    static io.mimicore.proto.ir.v1.Expression encode(Expression expression) {
        return encode(expression, 1);
    }

    static Expression decode(io.mimicore.proto.ir.v1.Expression message)
            throws MalformedIrException {
        return decode(message, 1);
    }

    private static io.mimicore.proto.ir.v1.Expression encode(Expression expression, int depth) {
        if (depth > DEPTH_MAX) {
            throw new IllegalArgumentException(
                    "expression: nesting " + depth + " (expected: <= " + DEPTH_MAX + ")");
        }
        var message = io.mimicore.proto.ir.v1.Expression.newBuilder();
        switch (expression) {
            case Expression.Constant constant ->
                    message.setConstant(JsonCodec.print(constant.value()));
            case Expression.Variable variable ->
                    message.setVariable(
                            Variable.newBuilder()
                                    .setSlot(variable.slot())
                                    .addAllSteps(FieldCodec.encodeSteps(variable.steps())));
            case Expression.RequestValue request ->
                    message.setRequest(
                            RequestValue.newBuilder()
                                    .setField(FieldCodec.encode(request.field()))
                                    .addAllSteps(FieldCodec.encodeSteps(request.steps())));
            case Expression.Call call ->
                    message.setCall(
                            Call.newBuilder()
                                    .setFunction(call.function())
                                    .addAllArguments(encode(call.arguments(), depth + 1)));
            case Expression.Filtered filtered ->
                    message.setFiltered(
                            Filtered.newBuilder()
                                    .setInput(encode(filtered.input(), depth + 1))
                                    .setFilter(filtered.filter().filterName())
                                    .addAllArguments(encode(filtered.arguments(), depth + 1)));
        }
        return message.build();
    }

    private static List<io.mimicore.proto.ir.v1.Expression> encode(
            List<Expression> expressions, int depth) {
        return expressions.stream().map(expression -> encode(expression, depth)).toList();
    }

    private static Expression decode(io.mimicore.proto.ir.v1.Expression message, int depth)
            throws MalformedIrException {
        if (depth > DEPTH_MAX) {
            throw new MalformedIrException(
                    "nesting: " + depth + " (expected: <= " + DEPTH_MAX + ")");
        }
        return switch (message.getKindCase()) {
            case CONSTANT ->
                    new Expression.Constant(
                            Decoding.one("constant", message.getConstant(), JsonCodec::read));
            case VARIABLE ->
                    new Expression.Variable(
                            message.getVariable().getSlot(),
                            FieldCodec.decodeSteps(message.getVariable().getStepsList()));
            case REQUEST -> decode(message.getRequest());
            case CALL ->
                    new Expression.Call(
                            message.getCall().getFunction(),
                            Decoding.all(
                                    "call.arguments",
                                    message.getCall().getArgumentsList(),
                                    argument -> decode(argument, depth + 1)));
            case FILTERED ->
                    Decoding.one(
                            "filtered", message.getFiltered(), filtered -> decode(filtered, depth));
            case KIND_NOT_SET -> throw Decoding.absent("kind");
        };
    }

    private static Expression decode(RequestValue message) throws MalformedIrException {
        return new Expression.RequestValue(
                Decoding.required(
                        message.hasField(), "field", message.getField(), FieldCodec::decode),
                FieldCodec.decodeSteps(message.getStepsList()));
    }

    private static Expression decode(Filtered message, int depth) throws MalformedIrException {
        Filter filter = Filter.named(message.getFilter());
        if (filter == null) {
            throw new MalformedIrException("filter: " + message.getFilter() + " (expected: known)");
        }
        return new Expression.Filtered(
                Decoding.required(
                        message.hasInput(),
                        "input",
                        message.getInput(),
                        input -> decode(input, depth + 1)),
                filter,
                Decoding.all(
                        "arguments",
                        message.getArgumentsList(),
                        argument -> decode(argument, depth + 1)));
    }
}
