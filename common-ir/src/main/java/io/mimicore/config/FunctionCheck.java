package io.mimicore.config;

import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.diagnostics.Suggestions;
import io.mimicore.ir.Argument;
import io.mimicore.ir.Expression;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.JsonValue;
import io.mimicore.ir.NumericType;
import io.mimicore.template.NumericLiterals;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Checks calls of `transform.wasm` against the functions that the code exports.
final class FunctionCheck {
    private final Problems problems;
    private final @Nullable List<FunctionSignature> functions;

    /// @param functions absent: unknown, so that nothing is checked
    FunctionCheck(Problems problems, @Nullable List<FunctionSignature> functions) {
        this.problems = problems;
        this.functions = functions;
    }

    /// The function's index; -1: there is none, which is reported, or the functions are unknown.
    int find(LocatedJson.Text function) {
        if (functions == null) {
            return -1;
        }
        for (int i = 0; i < functions.size(); i++) {
            if (functions.get(i).name().equals(function.text())) {
                return i;
            }
        }
        List<String> names = functions.stream().map(FunctionSignature::name).toList();
        problems.error(
                function,
                DiagnosticCode.FUNCTION_UNKNOWN,
                "function: " + function.text() + " (expected: a function that the code exports)",
                Suggestions.closest(function.text(), names)
                        .map(near -> "did you mean " + near + "?")
                        .orElse(
                                names.isEmpty()
                                        ? "the API has no user_code that exports functions"
                                        : "the code exports " + String.join(", ", names)));
        return -1;
    }

    /// Reports a wrong number of arguments, and literals that never fit their parameter.
    ///
    /// @param at the list of arguments, or the call when it has none
    void arguments(int index, LocatedJson at, List<Argument> arguments) {
        if (functions == null) {
            return;
        }
        FunctionSignature function = functions.get(index);
        if (arguments.size() != function.arity()) {
            problems.error(
                    at,
                    DiagnosticCode.FUNCTION_ARITY,
                    "args: "
                            + arguments.size()
                            + " (expected: "
                            + function.arity()
                            + " for "
                            + function.name()
                            + ")",
                    "");
            return;
        }
        if (!(function instanceof FunctionSignature.Numeric numeric)
                || !(at instanceof LocatedJson.Array array)) {
            return;
        }
        for (int i = 0; i < arguments.size(); i++) {
            NumericType type = numeric.parameters().get(i);
            if (!fits(arguments.get(i), type)) {
                LocatedJson value = array.elements().get(i);
                problems.error(
                        value,
                        DiagnosticCode.ARGUMENT_TYPE,
                        "args["
                                + i
                                + "]: "
                                + value.shown()
                                + " (expected: "
                                + type.goName()
                                + " for "
                                + function.name()
                                + ", "
                                + NumericLiterals.range(type)
                                + ")",
                        "");
            }
        }
    }

    /// Whether an argument may fit: what is only known at request time may.
    private static boolean fits(Argument argument, NumericType type) {
        return switch (argument) {
            case Argument.Computed(Expression.Constant(JsonValue value)) ->
                    NumericLiterals.fits(value, type);
            case Argument.Computed _, Argument.Text _ -> true;
            case Argument.Json _ -> false;
        };
    }
}
