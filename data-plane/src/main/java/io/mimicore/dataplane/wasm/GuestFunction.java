package io.mimicore.dataplane.wasm;

import io.mimicore.dataplane.value.Value;
import io.mimicore.ir.FunctionSignature;
import java.util.List;

/// How to call one function of an API. Immutable; shared by its instances.
sealed interface GuestFunction permits NumericFunction, RawFunction, JsonFunction {
    /// The way to call a function of this signature.
    static GuestFunction of(FunctionSignature signature) {
        return switch (signature) {
            case FunctionSignature.Numeric numeric -> new NumericFunction(numeric);
            case FunctionSignature.Raw raw -> new RawFunction(raw);
            case FunctionSignature.Json json -> new JsonFunction(json);
        };
    }

    /// The exported name.
    String name();

    /// Runs the function on an instance in its warm state.
    ///
    /// @throws CallFailedException if it, or its arguments or result, is at fault; traps, exits and
    ///   interruptions come as what the runtime throws
    Value call(Guest guest, List<Value> arguments) throws CallFailedException;
}
