package io.mimicore.ir.codec;

import io.mimicore.ir.Extraction;
import io.mimicore.ir.RequestField;
import io.mimicore.ir.Step;
import io.mimicore.proto.ir.v1.RequestField.Kind;
import java.util.List;

/// Parts of a request, ways into a JSON value and extractions.
final class FieldCodec {
    private FieldCodec() {}

    static io.mimicore.proto.ir.v1.RequestField encode(RequestField field) {
        return switch (field) {
            case RequestField.Method _ -> message(Kind.METHOD, "");
            case RequestField.Path _ -> message(Kind.PATH, "");
            case RequestField.Host _ -> message(Kind.HOST, "");
            case RequestField.Id _ -> message(Kind.ID, "");
            case RequestField.PathParameter parameter ->
                    message(Kind.PATH_PARAMETER, parameter.name());
            case RequestField.Query query -> message(Kind.QUERY, query.name());
            case RequestField.Header header -> message(Kind.HEADER, header.name());
            case RequestField.Cookie cookie -> message(Kind.COOKIE, cookie.name());
            case RequestField.Body _ -> message(Kind.BODY, "");
        };
    }

    static RequestField decode(io.mimicore.proto.ir.v1.RequestField message)
            throws MalformedIrException {
        String name = message.getName();
        return switch (message.getKind()) {
            case METHOD -> new RequestField.Method();
            case PATH -> new RequestField.Path();
            case HOST -> new RequestField.Host();
            case ID -> new RequestField.Id();
            case PATH_PARAMETER -> new RequestField.PathParameter(name);
            case QUERY -> new RequestField.Query(name);
            case HEADER -> new RequestField.Header(name);
            case COOKIE -> new RequestField.Cookie(name);
            case BODY -> new RequestField.Body();
            case KIND_UNSPECIFIED, UNRECOGNIZED ->
                    throw new MalformedIrException(
                            "kind: " + message.getKindValue() + " (expected: a part of a request)");
        };
    }

    static List<io.mimicore.proto.ir.v1.Step> encodeSteps(List<Step> steps) {
        return steps.stream().map(FieldCodec::encode).toList();
    }

    static List<Step> decodeSteps(List<io.mimicore.proto.ir.v1.Step> messages)
            throws MalformedIrException {
        return Decoding.all("steps", messages, FieldCodec::decode);
    }

    static io.mimicore.proto.ir.v1.Extraction encode(Extraction extraction) {
        var message =
                io.mimicore.proto.ir.v1.Extraction.newBuilder()
                        .setSlot(extraction.slot())
                        .setVariable(Utf8.encodable(extraction.variable()))
                        .setSource(encode(extraction.source()))
                        .addAllSteps(encodeSteps(extraction.steps()))
                        .setType(
                                io.mimicore.proto.ir.v1.ValueType.valueOf(
                                        extraction.type().name()));
        if (extraction.defaultValue() != null) {
            message.setDefaultJson(JsonCodec.print(extraction.defaultValue()));
        }
        return message.build();
    }

    static Extraction decode(io.mimicore.proto.ir.v1.Extraction message)
            throws MalformedIrException {
        return new Extraction(
                message.getSlot(),
                message.getVariable(),
                Decoding.required(
                        message.hasSource(), "source", message.getSource(), FieldCodec::decode),
                decodeSteps(message.getStepsList()),
                Decoding.constant("type", Extraction.ValueType.class, message.getType()),
                message.hasDefaultJson()
                        ? Decoding.one("default_json", message.getDefaultJson(), JsonCodec::read)
                        : null);
    }

    private static io.mimicore.proto.ir.v1.RequestField message(Kind kind, String name) {
        return io.mimicore.proto.ir.v1.RequestField.newBuilder()
                .setKind(kind)
                .setName(Utf8.encodable(name))
                .build();
    }

    private static io.mimicore.proto.ir.v1.Step encode(Step step) {
        var message = io.mimicore.proto.ir.v1.Step.newBuilder();
        switch (step) {
            case Step.Field field -> message.setField(Utf8.encodable(field.name()));
            case Step.Index index -> message.setIndex(index.index());
        }
        return message.build();
    }

    private static Step decode(io.mimicore.proto.ir.v1.Step message) throws MalformedIrException {
        return switch (message.getKindCase()) {
            case FIELD -> new Step.Field(message.getField());
            case INDEX -> new Step.Index(message.getIndex());
            case KIND_NOT_SET -> throw Decoding.absent("kind");
        };
    }
}
