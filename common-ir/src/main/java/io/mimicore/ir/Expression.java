package io.mimicore.ir;

import static java.util.Objects.requireNonNull;

import java.util.List;

/// What stands between `{{` and `}}`, with every name resolved.
public sealed interface Expression {
    /// A literal.
    record Constant(JsonValue value) implements Expression {
        public Constant {
            requireNonNull(value, "value");
        }
    }

    /// A slot's value, or a part of it.
    record Variable(int slot, List<Step> steps) implements Expression {
        public Variable {
            steps = List.copyOf(steps);
        }
    }

    /// A part of the request. Steps lead into a JSON body only.
    record RequestValue(RequestField field, List<Step> steps) implements Expression {
        public RequestValue {
            requireNonNull(field, "field");
            steps = List.copyOf(steps);
        }
    }

    /// A call of user code.
    ///
    /// @param function index into [UserCode#functions()]
    record Call(int function, List<Expression> arguments) implements Expression {
        public Call {
            arguments = List.copyOf(arguments);
        }
    }

    /// `input | filter(arguments)`.
    record Filtered(Expression input, Filter filter, List<Expression> arguments)
            implements Expression {
        public Filtered {
            requireNonNull(input, "input");
            requireNonNull(filter, "filter");
            arguments = List.copyOf(arguments);
            if (arguments.size() < filter.argumentsMin()
                    || arguments.size() > filter.argumentsMax()) {
                throw new IllegalArgumentException(
                        "arguments: "
                                + arguments.size()
                                + " (expected: "
                                + filter.argumentsMin()
                                + ".."
                                + filter.argumentsMax()
                                + " for "
                                + filter.filterName()
                                + ")");
            }
        }
    }
}
