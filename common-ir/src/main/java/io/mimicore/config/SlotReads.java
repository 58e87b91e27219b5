package io.mimicore.config;

import io.mimicore.ir.Argument;
import io.mimicore.ir.Body;
import io.mimicore.ir.CodeCall;
import io.mimicore.ir.Expression;
import io.mimicore.ir.JsonTemplate;
import io.mimicore.ir.TextTemplate;
import io.mimicore.ir.UpstreamCall;
import java.util.Set;
import java.util.TreeSet;

/// The slots that a call must wait for.
final class SlotReads {
    private final Set<Integer> slots = new TreeSet<>();

    private SlotReads() {}

    static Set<Integer> of(UpstreamCall call) {
        SlotReads reads = new SlotReads();
        reads.text(call.url());
        call.headers().forEach(header -> reads.text(header.value()));
        switch (call.body()) {
            case Body.Empty _ -> {}
            case Body.Text text -> reads.text(text.template());
            case Body.Json json -> reads.json(json.template());
        }
        if (call.onError() != null) {
            reads.json(call.onError());
        }
        return reads.slots;
    }

    static Set<Integer> of(CodeCall call) {
        SlotReads reads = new SlotReads();
        for (Argument argument : call.arguments()) {
            switch (argument) {
                case Argument.Computed computed -> reads.expression(computed.expression());
                case Argument.Text text -> reads.text(text.template());
                case Argument.Json json -> reads.json(json.template());
            }
        }
        return reads.slots;
    }

    private void text(TextTemplate template) {
        for (TextTemplate.Part part : template.parts()) {
            if (part instanceof TextTemplate.Hole hole) {
                expression(hole.expression());
            }
        }
    }

    private void json(JsonTemplate template) {
        for (JsonTemplate.Part part : template.parts()) {
            switch (part) {
                case JsonTemplate.Raw _ -> {}
                case JsonTemplate.InString inString -> expression(inString.expression());
                case JsonTemplate.Value value -> expression(value.expression());
            }
        }
    }

    private void expression(Expression expression) {
        switch (expression) {
            case Expression.Constant _, Expression.RequestValue _ -> {}
            case Expression.Variable variable -> slots.add(variable.slot());
            case Expression.Call call -> call.arguments().forEach(this::expression);
            case Expression.Filtered filtered -> {
                expression(filtered.input());
                filtered.arguments().forEach(this::expression);
            }
        }
    }
}
