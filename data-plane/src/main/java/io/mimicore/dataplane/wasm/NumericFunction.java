package io.mimicore.dataplane.wasm;

import io.mimicore.dataplane.code.CodeFailure;
import io.mimicore.dataplane.value.Value;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.NumericType;
import java.util.List;

/// Numbers in, at most one number out.
record NumericFunction(FunctionSignature.Numeric signature) implements GuestFunction {
    @Override
    public String name() {
        return signature.name();
    }

    @Override
    public Value call(Guest guest, List<Value> arguments) throws CallFailedException {
        List<NumericType> parameters = signature.parameters();
        long[] bits = new long[parameters.size()];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = NumericArguments.bits(arguments.get(i), parameters.get(i), i + 1);
        }
        long[] results = guest.function(signature.name()).apply(bits);
        NumericType result = signature.result();
        return result == null ? Value.MISSING : value(result, results[0]);
    }

    /// The value that the bits of a WASM value stand for.
    ///
    /// @throws CallFailedException if that is not a finite number; kind RESULT
    static Value value(NumericType type, long bits) throws CallFailedException {
        return switch (type) {
            case BOOL -> Value.Bool.of((int) bits != 0);
            case INT8 -> Value.Whole.of((byte) bits);
            case INT16 -> Value.Whole.of((short) bits);
            case INT32 -> Value.Whole.of(lowInt(bits));
            case INT64, INT -> Value.Whole.of(bits);
            case UINT8 -> new Value.Whole(bits & 0xFF, true);
            case UINT16 -> new Value.Whole(bits & 0xFFFF, true);
            case UINT32 -> new Value.Whole(bits & 0xFFFF_FFFFL, true);
            case UINT64, UINT -> new Value.Whole(bits, true);
            case FLOAT32 -> fraction(shortest(Float.intBitsToFloat((int) bits)));
            case FLOAT64 -> fraction(Double.longBitsToDouble(bits));
        };
    }

    private static int lowInt(long bits) {
        return (int) bits;
    }

    /// The double that prints like the float: 0.1, not 0.10000000149011612.
    private static double shortest(float value) {
        return Float.isFinite(value) ? Double.parseDouble(Float.toString(value)) : value;
    }

    private static Value fraction(double value) throws CallFailedException {
        if (!Double.isFinite(value)) {
            throw new CallFailedException(
                    CodeFailure.Kind.RESULT, "result: " + value + " (expected: a finite number)");
        }
        return new Value.Fraction(value);
    }
}
