package io.mimicore.template;

import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.Expression;
import io.mimicore.ir.Filter;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.NumericType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Finds the function or the filter that a name calls, and checks what it is given.
final class CallResolver {
    private static final List<String> FILTERS =
            Arrays.stream(Filter.values()).map(Filter::filterName).toList();

    private final Scope scope;
    private final ProblemSink problems;
    private final FilterLiterals filterLiterals;

    CallResolver(Scope scope, ProblemSink problems) {
        this.scope = scope;
        this.problems = problems;
        this.filterLiterals = new FilterLiterals(problems);
    }

    /// @param end the index behind the call's closing parenthesis
    Node call(Token name, List<Node> arguments, int end) {
        ProblemSink.Span span = new ProblemSink.Span(name.start(), end);
        Node unresolved = Node.unknown(span);
        List<FunctionSignature> functions = scope.functions();
        if (functions == null) {
            return unresolved;
        }
        int index = indexOf(name.text(), functions);
        if (index < 0) {
            reportUnknownFunction(name, functions);
            return unresolved;
        }
        FunctionSignature function = functions.get(index);
        if (arguments.size() != function.arity()) {
            reportArity(name, function, arguments.size());
            return unresolved;
        }
        checkArguments(function, arguments);
        return new Node(
                new Expression.Call(index, Node.expressions(arguments)),
                true,
                1 + Node.highest(arguments),
                span);
    }

    Node filter(Token name, Node input, List<Node> arguments) {
        Filter filter = Filter.named(name.text());
        if (filter == null) {
            reportUnknownFilter(name);
            return input;
        }
        int count = arguments.size();
        if (count < filter.argumentsMin() || count > filter.argumentsMax()) {
            reportArity(name, filter, count);
            return input;
        }
        filterLiterals.check(filter, arguments);
        return new Node(
                new Expression.Filtered(input.expression(), filter, Node.expressions(arguments)),
                true,
                1 + Math.max(input.height(), Node.highest(arguments)),
                new ProblemSink.Span(input.span().start(), name.end()));
    }

    private void checkArguments(FunctionSignature function, List<Node> arguments) {
        if (!(function instanceof FunctionSignature.Numeric numeric)) {
            return;
        }
        for (int i = 0; i < arguments.size(); i++) {
            NumericType type = numeric.parameters().get(i);
            Node argument = arguments.get(i);
            if (argument.known()
                    && argument.expression() instanceof Expression.Constant constant
                    && !NumericLiterals.fits(constant.value(), type)) {
                problems.report(
                        argument.span(),
                        DiagnosticCode.ARGUMENT_TYPE,
                        NumericLiterals.misfit(function.name(), i, constant.value(), type),
                        "");
            }
        }
    }

    private void reportUnknownFunction(Token name, List<FunctionSignature> functions) {
        if (problems.isFull()) {
            return;
        }
        List<String> names = functions.stream().map(FunctionSignature::name).toList();
        String expected =
                names.isEmpty()
                        ? "a function that user_code exports; it exports none"
                        : Wording.oneOf(names);
        problems.report(
                name.span(),
                DiagnosticCode.FUNCTION_UNKNOWN,
                Wording.shown(name.text()) + "(): unknown function (expected: " + expected + ")",
                hintForFunction(name.text(), names));
    }

    private String hintForFunction(String name, List<String> names) {
        if (FILTERS.contains(name)) {
            return name + " is a filter: write x | " + name;
        }
        if (scope.variables().containsKey(name)) {
            return name + " is a variable: write {{" + name + "}}";
        }
        String near = Wording.didYouMean(name, names);
        return near.isEmpty() ? "user_code exports what has //export above it" : near;
    }

    private void reportUnknownFilter(Token name) {
        if (problems.isFull()) {
            return;
        }
        List<FunctionSignature> functions = scope.functions();
        boolean isFunction = functions != null && indexOf(name.text(), functions) >= 0;
        problems.report(
                name.span(),
                DiagnosticCode.FILTER_UNKNOWN,
                Wording.shown(name.text())
                        + ": unknown filter (expected: one of "
                        + String.join(", ", FILTERS)
                        + ")",
                isFunction
                        ? name.text() + " is a function: write " + name.text() + "(x)"
                        : Wording.didYouMean(name.text(), FILTERS));
    }

    private void reportArity(Token name, FunctionSignature function, int count) {
        problems.report(
                name.span(),
                DiagnosticCode.FUNCTION_ARITY,
                name.text()
                        + "(): "
                        + Wording.arguments(count)
                        + " (expected: "
                        + function.arity()
                        + ", "
                        + shown(function)
                        + ")",
                "");
    }

    private void reportArity(Token name, Filter filter, int count) {
        String expected =
                filter.argumentsMin() == filter.argumentsMax()
                        ? Integer.toString(filter.argumentsMin())
                        : filter.argumentsMin() + " or " + filter.argumentsMax();
        problems.report(
                name.span(),
                DiagnosticCode.FUNCTION_ARITY,
                "| "
                        + name.text()
                        + ": "
                        + Wording.arguments(count)
                        + " (expected: "
                        + expected
                        + ")",
                hintForFilter(filter));
    }

    private static String hintForFilter(Filter filter) {
        return switch (filter) {
            case DEFAULT -> "for example x | default('n/a')";
            case REPLACE -> "for example x | replace('a', 'b')";
            case JOIN -> "for example x | join(', ')";
            case ROUND -> "for example x | round(2)";
            case JSON, UPPER, LOWER, TRIM, LENGTH, FIRST, LAST, URL_ENCODE, BASE64 ->
                    "write x | " + filter.filterName();
        };
    }

    private static String shown(FunctionSignature function) {
        return switch (function) {
            case FunctionSignature.Numeric numeric -> {
                NumericType result = numeric.result();
                List<String> types = new ArrayList<>();
                numeric.parameters().forEach(type -> types.add(type.goName()));
                String head = "func " + function.name() + "(" + String.join(", ", types) + ")";
                yield result == null ? head : head + " " + result.goName();
            }
            case FunctionSignature.Raw _ ->
                    "func "
                            + function.name()
                            + "(ptr *byte, size uint32) uint64, which takes bytes";
            case FunctionSignature.Json json ->
                    "func "
                            + function.name()
                            + "("
                            + String.join(", ", json.parameterTypes())
                            + ")";
        };
    }

    private static int indexOf(String name, List<FunctionSignature> functions) {
        for (int i = 0; i < functions.size(); i++) {
            if (functions.get(i).name().equals(name)) {
                return i;
            }
        }
        return -1;
    }
}
