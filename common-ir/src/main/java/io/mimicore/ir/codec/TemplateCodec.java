package io.mimicore.ir.codec;

import io.mimicore.ir.Argument;
import io.mimicore.ir.Body;
import io.mimicore.ir.HeaderTemplate;
import io.mimicore.ir.JsonTemplate;
import io.mimicore.ir.TextTemplate;
import io.mimicore.proto.ir.v1.JsonPart;
import io.mimicore.proto.ir.v1.TextPart;
import java.util.List;

/// Templates, and what is made of them: headers, bodies and arguments.
final class TemplateCodec {
    private TemplateCodec() {}

    static io.mimicore.proto.ir.v1.TextTemplate encode(TextTemplate template) {
        var message = io.mimicore.proto.ir.v1.TextTemplate.newBuilder();
        for (TextTemplate.Part part : template.parts()) {
            TextPart.Builder encoded = message.addPartsBuilder();
            switch (part) {
                case TextTemplate.Literal literal ->
                        encoded.setLiteral(Utf8.encodable(literal.text()));
                case TextTemplate.Hole hole ->
                        encoded.setHole(ExpressionCodec.encode(hole.expression()));
            }
        }
        return message.build();
    }

    static TextTemplate decode(io.mimicore.proto.ir.v1.TextTemplate message)
            throws MalformedIrException {
        return new TextTemplate(
                Decoding.all("parts", message.getPartsList(), TemplateCodec::decode));
    }

    static io.mimicore.proto.ir.v1.JsonTemplate encode(JsonTemplate template) {
        var message = io.mimicore.proto.ir.v1.JsonTemplate.newBuilder();
        for (JsonTemplate.Part part : template.parts()) {
            JsonPart.Builder encoded = message.addPartsBuilder();
            switch (part) {
                case JsonTemplate.Raw raw -> encoded.setRaw(Utf8.encodable(raw.text()));
                case JsonTemplate.InString inString ->
                        encoded.setInString(ExpressionCodec.encode(inString.expression()));
                case JsonTemplate.Value value ->
                        encoded.setValue(ExpressionCodec.encode(value.expression()));
            }
        }
        return message.build();
    }

    static JsonTemplate decode(io.mimicore.proto.ir.v1.JsonTemplate message)
            throws MalformedIrException {
        return new JsonTemplate(
                Decoding.all("parts", message.getPartsList(), TemplateCodec::decode));
    }

    static List<io.mimicore.proto.ir.v1.HeaderTemplate> encodeHeaders(
            List<HeaderTemplate> headers) {
        return headers.stream()
                .map(header ->
                        io.mimicore.proto.ir.v1.HeaderTemplate.newBuilder()
                                .setName(Utf8.encodable(header.name()))
                                .setValue(encode(header.value()))
                                .build())
                .toList();
    }

    static HeaderTemplate decode(io.mimicore.proto.ir.v1.HeaderTemplate message)
            throws MalformedIrException {
        return new HeaderTemplate(
                message.getName(),
                Decoding.required(
                        message.hasValue(), "value", message.getValue(), TemplateCodec::decode));
    }

    /// Never called for [Body.Empty], which is an absent message.
    static io.mimicore.proto.ir.v1.Body encode(Body body) {
        var message = io.mimicore.proto.ir.v1.Body.newBuilder();
        switch (body) {
            case Body.Empty _ -> {}
            case Body.Text text -> message.setText(encode(text.template()));
            case Body.Json json -> message.setJson(encode(json.template()));
        }
        return message.build();
    }

    static Body decode(boolean present, io.mimicore.proto.ir.v1.Body message)
            throws MalformedIrException {
        return present ? Decoding.one("body", message, TemplateCodec::decode) : new Body.Empty();
    }

    static io.mimicore.proto.ir.v1.Argument encode(Argument argument) {
        var message = io.mimicore.proto.ir.v1.Argument.newBuilder();
        switch (argument) {
            case Argument.Computed computed ->
                    message.setExpression(ExpressionCodec.encode(computed.expression()));
            case Argument.Text text -> message.setText(encode(text.template()));
            case Argument.Json json -> message.setJson(encode(json.template()));
        }
        return message.build();
    }

    static Argument decode(io.mimicore.proto.ir.v1.Argument message) throws MalformedIrException {
        return switch (message.getKindCase()) {
            case EXPRESSION ->
                    new Argument.Computed(
                            Decoding.one(
                                    "expression",
                                    message.getExpression(),
                                    ExpressionCodec::decode));
            case TEXT ->
                    new Argument.Text(
                            Decoding.one("text", message.getText(), TemplateCodec::decode));
            case JSON ->
                    new Argument.Json(
                            Decoding.one("json", message.getJson(), TemplateCodec::decode));
            case KIND_NOT_SET -> throw Decoding.absent("kind");
        };
    }

    private static TextTemplate.Part decode(TextPart part) throws MalformedIrException {
        return switch (part.getKindCase()) {
            case LITERAL -> new TextTemplate.Literal(part.getLiteral());
            case HOLE ->
                    new TextTemplate.Hole(
                            Decoding.one("hole", part.getHole(), ExpressionCodec::decode));
            case KIND_NOT_SET -> throw Decoding.absent("kind");
        };
    }

    private static JsonTemplate.Part decode(JsonPart part) throws MalformedIrException {
        return switch (part.getKindCase()) {
            case RAW -> new JsonTemplate.Raw(part.getRaw());
            case IN_STRING ->
                    new JsonTemplate.InString(
                            Decoding.one("in_string", part.getInString(), ExpressionCodec::decode));
            case VALUE ->
                    new JsonTemplate.Value(
                            Decoding.one("value", part.getValue(), ExpressionCodec::decode));
            case KIND_NOT_SET -> throw Decoding.absent("kind");
        };
    }

    private static Body decode(io.mimicore.proto.ir.v1.Body message) throws MalformedIrException {
        return switch (message.getKindCase()) {
            case TEXT ->
                    new Body.Text(Decoding.one("text", message.getText(), TemplateCodec::decode));
            case JSON ->
                    new Body.Json(Decoding.one("json", message.getJson(), TemplateCodec::decode));
            case KIND_NOT_SET -> throw Decoding.absent("kind");
        };
    }
}
