package io.mimicore.dataplane.wasm;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.dataplane.code.CodeFailure;
import io.mimicore.dataplane.http.ByteSink;
import io.mimicore.dataplane.value.ByteArraySink;
import io.mimicore.dataplane.value.Value;
import io.mimicore.dataplane.value.ValuePrinter;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.NumericType;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Ordinary Go behind its generated wrapper: a JSON array of arguments in, a tagged outcome out.
final class JsonFunction implements GuestFunction {
    private static final int TAG_RESULT = 0;
    private static final int TAG_ERROR = 1;
    private static final int TAG_ARGUMENT = 2;
    private static final int TAG_PANIC = 3;

    /// Bytes of all arguments together; the instance's memory limit may be lower.
    private static final int ARGUMENT_BYTES_MAX = 16 << 20;

    /// Characters of an error that a client sees.
    private static final int DETAIL_CHARS_MAX = 2_000;

    private final FunctionSignature.Json signature;

    /// For each parameter the basic type that values are made to fit, or null.
    private final @Nullable NumericType[] numbers;

    private final boolean[] texts;

    JsonFunction(FunctionSignature.Json signature) {
        this.signature = signature;
        List<String> types = signature.parameterTypes();
        this.numbers = new @Nullable NumericType[types.size()];
        this.texts = new boolean[types.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = numericType(types.get(i));
            texts[i] = types.get(i).equals("string");
        }
    }

    @Override
    public String name() {
        return signature.name();
    }

    @Override
    public Value call(Guest guest, List<Value> arguments) throws CallFailedException {
        byte[] argument = encode(arguments);
        int address = guest.place(argument);
        long place = guest.function(signature.name()).apply(address, argument.length)[0];
        return decode(guest.take(place));
    }

    private byte[] encode(List<Value> arguments) throws CallFailedException {
        var sink = new ByteArraySink(ARGUMENT_BYTES_MAX);
        try {
            sink.writeByte('[');
            for (int i = 0; i < numbers.length; i++) {
                if (i > 0) {
                    sink.writeByte(',');
                }
                encode(arguments.get(i), i, sink);
            }
            sink.writeByte(']');
        } catch (ByteSink.Overflow e) {
            throw new CallFailedException(
                    CodeFailure.Kind.ARGUMENT,
                    "arguments: (expected: at most " + ARGUMENT_BYTES_MAX + " bytes)");
        }
        return sink.toByteArray();
    }

    /// Path segments and headers are texts, and a template does not say what a function wants: what
    /// its parameter says decides between 21 and "21".
    private void encode(Value value, int index, ByteSink sink) throws CallFailedException {
        NumericType number = numbers[index];
        if (number != null) {
            long bits = NumericArguments.bits(value, number, index + 1);
            ValuePrinter.printJson(NumericFunction.value(number, bits), sink);
        } else if (texts[index] && !PlainValue.isAbsent(value)) {
            sink.writeByte('"');
            ValuePrinter.printInString(value, sink);
            sink.writeByte('"');
        } else {
            ValuePrinter.printJson(value, sink);
        }
    }

    private Value decode(byte[] outcome) throws CallFailedException {
        int tag = outcome.length == 0 ? -1 : outcome[0];
        return switch (tag) {
            case TAG_RESULT -> result(outcome);
            case TAG_ERROR -> throw failure(CodeFailure.Kind.ERROR, outcome);
            case TAG_ARGUMENT -> throw failure(CodeFailure.Kind.ARGUMENT, outcome);
            case TAG_PANIC -> throw failure(CodeFailure.Kind.PANIC, outcome);
            default ->
                    throw new CallFailedException(
                            CodeFailure.Kind.RESULT, "result: tag " + tag + " (expected: 0..3)");
        };
    }

    private Value result(byte[] outcome) throws CallFailedException {
        if (!signature.returnsValue()) {
            return Value.MISSING;
        }
        Value value = PlainValue.decode(Arrays.copyOfRange(outcome, 1, outcome.length));
        if (value == null) {
            throw new CallFailedException(
                    CodeFailure.Kind.RESULT, "result: not JSON (expected: JSON)");
        }
        return value;
    }

    private static CallFailedException failure(CodeFailure.Kind kind, byte[] outcome) {
        String text = new String(outcome, 1, outcome.length - 1, UTF_8);
        return new CallFailedException(
                kind,
                text.length() > DETAIL_CHARS_MAX
                        ? text.substring(0, DETAIL_CHARS_MAX) + "…"
                        : text);
    }

    private static @Nullable NumericType numericType(String goType) {
        return switch (goType) {
            case "byte" -> NumericType.UINT8;
            case "rune" -> NumericType.INT32;
            default -> {
                for (NumericType type : NumericType.values()) {
                    if (type.goName().equals(goType)) {
                        yield type;
                    }
                }
                yield null;
            }
        };
    }
}
