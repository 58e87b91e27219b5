package io.mimicore.ir;

import java.util.ArrayList;
import java.util.List;

/// Walks every expression of a route, nested ones included.
final class Expressions {
    private final List<Expression> found = new ArrayList<>();

    private Expressions() {}

    static List<Expression> of(
            List<UpstreamCall> upstreamCalls, List<CodeCall> codeCalls, Response response) {
        Expressions walk = new Expressions();
        upstreamCalls.forEach(walk::addUpstreamCall);
        codeCalls.forEach(call -> call.arguments().forEach(walk::addArgument));
        response.headers().forEach(header -> walk.addText(header.value()));
        walk.addBody(response.body());
        return walk.found;
    }

    private void addUpstreamCall(UpstreamCall call) {
        addText(call.url());
        call.headers().forEach(header -> addText(header.value()));
        addBody(call.body());
        if (call.onError() != null) {
            addJson(call.onError());
        }
    }

    private void addArgument(Argument argument) {
        switch (argument) {
            case Argument.Computed computed -> add(computed.expression());
            case Argument.Text text -> addText(text.template());
            case Argument.Json json -> addJson(json.template());
        }
    }

    private void addBody(Body body) {
        switch (body) {
            case Body.Empty _ -> {}
            case Body.Text text -> addText(text.template());
            case Body.Json json -> addJson(json.template());
        }
    }

    private void addText(TextTemplate template) {
        for (TextTemplate.Part part : template.parts()) {
            if (part instanceof TextTemplate.Hole hole) {
                add(hole.expression());
            }
        }
    }

    private void addJson(JsonTemplate template) {
        for (JsonTemplate.Part part : template.parts()) {
            switch (part) {
                case JsonTemplate.Raw _ -> {}
                case JsonTemplate.InString inString -> add(inString.expression());
                case JsonTemplate.Value value -> add(value.expression());
            }
        }
    }

    private void add(Expression expression) {
        found.add(expression);
        switch (expression) {
            case Expression.Constant _, Expression.Variable _, Expression.RequestValue _ -> {}
            case Expression.Call call -> call.arguments().forEach(this::add);
            case Expression.Filtered filtered -> {
                add(filtered.input());
                filtered.arguments().forEach(this::add);
            }
        }
    }
}
