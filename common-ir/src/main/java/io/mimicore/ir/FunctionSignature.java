package io.mimicore.ir;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a function of user code is called.
public sealed interface FunctionSignature {
    /// The exported name.
    String name();

    /// Number of arguments it takes.
    int arity();

    /// Numbers in, at most one number out, passed as WASM values.
    ///
    /// @param result absent: the function returns nothing
    record Numeric(String name, List<NumericType> parameters, @Nullable NumericType result)
            implements FunctionSignature {
        public Numeric {
            requireNonNull(name, "name");
            parameters = List.copyOf(parameters);
        }

        @Override
        public int arity() {
            return parameters.size();
        }
    }

    /// `func(ptr *byte, size uint32) uint64`: bytes in, bytes out as `ptr<<32|len`. One argument.
    record Raw(String name) implements FunctionSignature {
        public Raw {
            requireNonNull(name, "name");
        }

        @Override
        public int arity() {
            return 1;
        }
    }

    /// Ordinary Go: a JSON array of arguments in, a tagged outcome out.
    ///
    /// @param parameterTypes the Go types as the author wrote them, for messages
    /// @param returnsValue whether there is a result besides an error
    /// @param returnsError whether the last result is an `error`
    record Json(
            String name, List<String> parameterTypes, boolean returnsValue, boolean returnsError)
            implements FunctionSignature {
        public Json {
            requireNonNull(name, "name");
            parameterTypes = List.copyOf(parameterTypes);
        }

        @Override
        public int arity() {
            return parameterTypes.size();
        }
    }
}
