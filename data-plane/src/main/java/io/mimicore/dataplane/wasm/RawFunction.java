package io.mimicore.dataplane.wasm;

import io.mimicore.dataplane.code.CodeFailure;
import io.mimicore.dataplane.http.ByteSink;
import io.mimicore.dataplane.value.ByteArraySink;
import io.mimicore.dataplane.value.Value;
import io.mimicore.dataplane.value.ValuePrinter;
import io.mimicore.ir.FunctionSignature;
import java.util.List;

/// Bytes in, bytes out.
record RawFunction(FunctionSignature.Raw signature) implements GuestFunction {
    /// Bytes of the argument; the instance's memory limit may be lower.
    private static final int ARGUMENT_BYTES_MAX = 16 << 20;

    @Override
    public String name() {
        return signature.name();
    }

    @Override
    public Value call(Guest guest, List<Value> arguments) throws CallFailedException {
        byte[] argument = bytes(arguments.getFirst());
        int address = guest.place(argument);
        long place = guest.function(signature.name()).apply(address, argument.length)[0];
        return new Value.Raw(guest.take(place));
    }

    private static byte[] bytes(Value value) throws CallFailedException {
        if (value instanceof Value.Raw(byte[] bytes)) {
            return bytes;
        }
        var sink = new ByteArraySink(ARGUMENT_BYTES_MAX);
        try {
            ValuePrinter.printText(value, sink);
        } catch (ByteSink.Overflow e) {
            throw new CallFailedException(
                    CodeFailure.Kind.ARGUMENT,
                    "argument: (expected: at most " + ARGUMENT_BYTES_MAX + " bytes)");
        }
        return sink.toByteArray();
    }
}
