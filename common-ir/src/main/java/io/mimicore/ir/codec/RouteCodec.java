package io.mimicore.ir.codec;

import io.mimicore.ir.Body;
import io.mimicore.ir.CodeCall;
import io.mimicore.ir.Delay;
import io.mimicore.ir.JsonTemplate;
import io.mimicore.ir.PathPattern;
import io.mimicore.ir.Response;
import io.mimicore.ir.Route;
import io.mimicore.ir.UpstreamCall;

/// Routes with their calls and responses.
final class RouteCodec {
    private RouteCodec() {}

    static io.mimicore.proto.ir.v1.Route encode(Route route) {
        var message =
                io.mimicore.proto.ir.v1.Route.newBuilder()
                        .setPath(encode(route.path()))
                        .setResponse(encode(route.response()))
                        .setSlots(route.slots());
        route.methods().forEach(method -> message.addMethods(Utf8.encodable(method)));
        ValidationCodec.encode(route.validation(), message);
        route.extractions().forEach(each -> message.addExtractions(FieldCodec.encode(each)));
        route.upstreamCalls().forEach(call -> message.addUpstreamCalls(encode(call)));
        route.codeCalls().forEach(call -> message.addCodeCalls(encode(call)));
        Delay delay = route.delay();
        if (delay != null) {
            message.setDelay(
                    io.mimicore.proto.ir.v1.Delay.newBuilder()
                            .setFixedMillis(delay.fixedMillis())
                            .setJitterMillis(delay.jitterMillis()));
        }
        return message.build();
    }

    static Route decode(io.mimicore.proto.ir.v1.Route message) throws MalformedIrException {
        return new Route(
                message.getMethodsList(),
                Decoding.one("path", message.getPath(), PathPattern::parse),
                ValidationCodec.decode(message),
                Decoding.all("extractions", message.getExtractionsList(), FieldCodec::decode),
                Decoding.all("upstream_calls", message.getUpstreamCallsList(), RouteCodec::decode),
                Decoding.all("code_calls", message.getCodeCallsList(), RouteCodec::decode),
                message.hasDelay()
                        ? Decoding.one("delay", message.getDelay(), RouteCodec::decode)
                        : null,
                Decoding.required(
                        message.hasResponse(),
                        "response",
                        message.getResponse(),
                        RouteCodec::decode),
                message.getSlots());
    }

    /// Only the text is stored; the segments follow from it.
    private static String encode(PathPattern path) {
        if (!PathPattern.parse(path.text()).equals(path)) {
            throw new IllegalArgumentException(
                    "path: " + path + " (expected: the segments of its text)");
        }
        return Utf8.encodable(path.text());
    }

    private static io.mimicore.proto.ir.v1.UpstreamCall encode(UpstreamCall call) {
        var message =
                io.mimicore.proto.ir.v1.UpstreamCall.newBuilder()
                        .setName(Utf8.encodable(call.name()))
                        .setSlot(call.slot())
                        .setMethod(Utf8.encodable(call.method()))
                        .setUrl(TemplateCodec.encode(call.url()))
                        .addAllHeaders(TemplateCodec.encodeHeaders(call.headers()))
                        .setTimeoutMillis(call.timeoutMillis());
        if (!(call.body() instanceof Body.Empty)) {
            message.setBody(TemplateCodec.encode(call.body()));
        }
        JsonTemplate onError = call.onError();
        if (onError != null) {
            message.setOnError(TemplateCodec.encode(onError));
        }
        return message.build();
    }

    private static UpstreamCall decode(io.mimicore.proto.ir.v1.UpstreamCall message)
            throws MalformedIrException {
        return new UpstreamCall(
                message.getName(),
                message.getSlot(),
                message.getMethod(),
                Decoding.required(message.hasUrl(), "url", message.getUrl(), TemplateCodec::decode),
                Decoding.all("headers", message.getHeadersList(), TemplateCodec::decode),
                TemplateCodec.decode(message.hasBody(), message.getBody()),
                message.getTimeoutMillis(),
                message.hasOnError()
                        ? Decoding.one("on_error", message.getOnError(), TemplateCodec::decode)
                        : null);
    }

    private static io.mimicore.proto.ir.v1.CodeCall encode(CodeCall call) {
        var message =
                io.mimicore.proto.ir.v1.CodeCall.newBuilder()
                        .setName(Utf8.encodable(call.name()))
                        .setSlot(call.slot())
                        .setFunction(call.function());
        call.arguments().forEach(argument -> message.addArguments(TemplateCodec.encode(argument)));
        return message.build();
    }

    private static CodeCall decode(io.mimicore.proto.ir.v1.CodeCall message)
            throws MalformedIrException {
        return new CodeCall(
                message.getName(),
                message.getSlot(),
                message.getFunction(),
                Decoding.all("arguments", message.getArgumentsList(), TemplateCodec::decode));
    }

    private static Delay decode(io.mimicore.proto.ir.v1.Delay message) {
        return new Delay(message.getFixedMillis(), message.getJitterMillis());
    }

    private static io.mimicore.proto.ir.v1.Response encode(Response response) {
        var message =
                io.mimicore.proto.ir.v1.Response.newBuilder()
                        .setStatus(response.status())
                        .addAllHeaders(TemplateCodec.encodeHeaders(response.headers()));
        if (!(response.body() instanceof Body.Empty)) {
            message.setBody(TemplateCodec.encode(response.body()));
        }
        return message.build();
    }

    private static Response decode(io.mimicore.proto.ir.v1.Response message)
            throws MalformedIrException {
        return new Response(
                message.getStatus(),
                Decoding.all("headers", message.getHeadersList(), TemplateCodec::decode),
                TemplateCodec.decode(message.hasBody(), message.getBody()));
    }
}
