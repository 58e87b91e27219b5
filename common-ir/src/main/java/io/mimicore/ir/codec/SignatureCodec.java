package io.mimicore.ir.codec;

import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.NumericType;
import io.mimicore.proto.ir.v1.JsonShape;
import io.mimicore.proto.ir.v1.NumericShape;
import io.mimicore.proto.ir.v1.RawShape;

/// Function signatures as messages, and back.
public final class SignatureCodec {
    private SignatureCodec() {}

    /// The message of a signature.
    ///
    /// @throws IllegalArgumentException if a name is not Unicode text
    public static io.mimicore.proto.ir.v1.FunctionSignature encode(FunctionSignature signature) {
        var message =
                io.mimicore.proto.ir.v1.FunctionSignature.newBuilder()
                        .setName(Utf8.encodable(signature.name()));
        switch (signature) {
            case FunctionSignature.Numeric numeric -> message.setNumeric(encodeShape(numeric));
            case FunctionSignature.Raw _ -> message.setRaw(RawShape.getDefaultInstance());
            case FunctionSignature.Json json -> message.setJson(encodeShape(json));
        }
        return message.build();
    }

    /// The signature of a message. Fields that the message type does not know are not looked at.
    ///
    /// @throws MalformedIrException if it is none
    public static FunctionSignature decode(io.mimicore.proto.ir.v1.FunctionSignature message)
            throws MalformedIrException {
        String name = message.getName();
        if (name.isEmpty()) {
            throw Decoding.absent("name");
        }
        return switch (message.getShapeCase()) {
            case NUMERIC -> decodeShape(name, message.getNumeric());
            case RAW -> new FunctionSignature.Raw(name);
            case JSON -> decodeShape(name, message.getJson());
            case SHAPE_NOT_SET -> throw Decoding.absent("shape");
        };
    }

    private static NumericShape encodeShape(FunctionSignature.Numeric numeric) {
        NumericShape.Builder shape = NumericShape.newBuilder();
        numeric.parameters().forEach(type -> shape.addParameters(encode(type)));
        NumericType result = numeric.result();
        if (result != null) {
            shape.setResult(encode(result));
        }
        return shape.build();
    }

    private static JsonShape encodeShape(FunctionSignature.Json json) {
        JsonShape.Builder shape =
                JsonShape.newBuilder()
                        .setReturnsValue(json.returnsValue())
                        .setReturnsError(json.returnsError());
        json.parameterTypes().forEach(type -> shape.addParameterTypes(Utf8.encodable(type)));
        return shape.build();
    }

    private static FunctionSignature decodeShape(String name, NumericShape shape)
            throws MalformedIrException {
        boolean returnsNothing =
                shape.getResult() == io.mimicore.proto.ir.v1.NumericType.NUMERIC_TYPE_UNSPECIFIED;
        return new FunctionSignature.Numeric(
                name,
                Decoding.all(
                        "numeric.parameters", shape.getParametersList(), SignatureCodec::decode),
                returnsNothing ? null : decode(shape.getResult()));
    }

    private static FunctionSignature decodeShape(String name, JsonShape shape) {
        return new FunctionSignature.Json(
                name,
                shape.getParameterTypesList(),
                shape.getReturnsValue(),
                shape.getReturnsError());
    }

    private static io.mimicore.proto.ir.v1.NumericType encode(NumericType type) {
        return io.mimicore.proto.ir.v1.NumericType.valueOf(type.name());
    }

    private static NumericType decode(io.mimicore.proto.ir.v1.NumericType type)
            throws MalformedIrException {
        return Decoding.constant("type", NumericType.class, type);
    }
}
