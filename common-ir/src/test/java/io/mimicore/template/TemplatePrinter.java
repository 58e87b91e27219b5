package io.mimicore.template;

import io.mimicore.ir.Expression;
import io.mimicore.ir.JsonPrinter;
import io.mimicore.ir.JsonValue;
import io.mimicore.ir.RequestField;
import io.mimicore.ir.Step;
import io.mimicore.ir.TextTemplate;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Writes templates as an author would: the inverse of [TemplateCompiler].
final class TemplatePrinter {
    private static final String NAME = "[\\p{L}_][\\p{L}\\p{Nd}_-]*";

    private final Map<Integer, String> variables;
    private final List<String> functions;

    TemplatePrinter(Map<Integer, String> variables, List<String> functions) {
        this.variables = variables;
        this.functions = functions;
    }

    String text(TextTemplate template) {
        return template.parts().stream()
                .map(part ->
                        switch (part) {
                            case TextTemplate.Literal(String text) -> literal(text);
                            case TextTemplate.Hole(Expression expression) ->
                                    "{{" + expression(expression) + "}}";
                        })
                .collect(Collectors.joining());
    }

    String expression(Expression expression) {
        return switch (expression) {
            case Expression.Constant(JsonValue.JsonText(String text)) -> quoted(text, '\'');
            case Expression.Constant(JsonValue value) -> JsonPrinter.print(value);
            case Expression.Variable(int slot, List<Step> steps) ->
                    variables.get(slot) + steps(steps);
            case Expression.RequestValue(RequestField field, List<Step> steps) ->
                    "request." + field(field) + steps(steps);
            case Expression.Call(int function, List<Expression> arguments) ->
                    functions.get(function) + arguments(arguments);
            case Expression.Filtered filtered ->
                    expression(filtered.input())
                            + " | "
                            + filtered.filter().filterName()
                            + (filtered.arguments().isEmpty()
                                    ? ""
                                    : arguments(filtered.arguments()));
        };
    }

    private String arguments(List<Expression> arguments) {
        return arguments.stream().map(this::expression).collect(Collectors.joining(", ", "(", ")"));
    }

    private static String field(RequestField field) {
        return switch (field) {
            case RequestField.Method _ -> "method";
            case RequestField.Path _ -> "path";
            case RequestField.Host _ -> "host";
            case RequestField.Id _ -> "id";
            case RequestField.PathParameter(String name) -> "path" + member(name);
            case RequestField.Query(String name) -> "query" + member(name);
            case RequestField.Header(String name) -> "header" + member(name);
            case RequestField.Cookie(String name) -> "cookie" + member(name);
            case RequestField.Body _ -> "body";
        };
    }

    private static String steps(List<Step> steps) {
        return steps.stream()
                .map(step ->
                        switch (step) {
                            case Step.Field(String name) -> member(name);
                            case Step.Index(int index) -> "[" + index + "]";
                        })
                .collect(Collectors.joining());
    }

    private static String member(String name) {
        boolean plain = name.matches("\\$?" + NAME);
        return plain ? "." + name : "[" + quoted(name, '"') + "]";
    }

    /// Literal text: a `{` that could be read as a part of `{{` goes into a hole of its own.
    private static String literal(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            boolean alone = i + 1 < text.length() && text.charAt(i + 1) != '{';
            out.append(text.charAt(i) == '{' && !alone ? "{{'{'}}" : text.charAt(i));
        }
        return out.toString();
    }

    private static String quoted(String text, char quote) {
        StringBuilder out = new StringBuilder().append(quote);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                case '\r' -> out.append("\\r");
                default -> {
                    if (c == quote) {
                        out.append('\\').append(c);
                    } else if (c < 0x20) {
                        out.append("\\u").append(HexFormat.of().toHexDigits(c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.append(quote).toString();
    }
}
