package io.mimicore.ir.codec;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.mimicore.ir.ApiIr;
import io.mimicore.ir.Digest;
import io.mimicore.ir.Serving;
import io.mimicore.proto.ir.v1.Api;
import io.mimicore.proto.ir.v1.Proxy;
import io.mimicore.proto.ir.v1.Routes;
import java.io.IOException;
import java.util.Arrays;

/// An API's IR as bytes, and back.
///
/// The encoding is canonical: one IR has exactly one form, and every other form of it is refused,
/// so that equal digests mean equal IRs and nothing can hide in the bytes. Decoding trusts nothing:
/// size, nesting and every range are checked, and whatever is wrong is a [MalformedIrException].
public final class IrCodec {
    /// Version of the encoding.
    public static final int FORMAT = 1;

    /// Largest encoded IR, in bytes. A config file of 4 MiB gives less than three times its size.
    public static final int BYTES_MAX = 16 * 1024 * 1024;

    /// Messages within messages: each of the expressions' levels takes two, the way to them and
    /// their steps take nine.
    private static final int MESSAGE_DEPTH_MAX = 2 * ExpressionCodec.DEPTH_MAX + 16;

    private IrCodec() {}

    /// The bytes of an IR.
    ///
    /// @throws IllegalArgumentException for an IR that [#decode] would not give back: larger than
    ///   [#BYTES_MAX], nested too deep, or with a text that has no UTF-8 form
    public static byte[] encode(ApiIr api) {
        byte[] bytes = message(api).toByteArray();
        if (bytes.length > BYTES_MAX) {
            throw new IllegalArgumentException(
                    "ir: " + bytes.length + " bytes (expected: <= " + BYTES_MAX + ")");
        }
        return bytes;
    }

    /// The IR of bytes that [#encode] gave.
    ///
    /// @throws MalformedIrException for any other bytes
    public static ApiIr decode(byte[] bytes) throws MalformedIrException {
        if (bytes.length > BYTES_MAX) {
            throw new MalformedIrException(
                    "ir: " + bytes.length + " bytes (expected: <= " + BYTES_MAX + ")");
        }
        Api message = parse(bytes);
        if (message.getFormat() != FORMAT) {
            throw new MalformedIrException(
                    "format: "
                            + Integer.toUnsignedString(message.getFormat())
                            + " (expected: "
                            + FORMAT
                            + ")");
        }
        ApiIr api = Decoding.one("api", message, IrCodec::decode);
        requireCanonical(bytes, Decoding.one("api", api, IrCodec::encode));
        return api;
    }

    /// The digest that names an encoded IR.
    public static Digest digest(byte[] encoded) {
        return Digest.of(encoded);
    }

    private static Api parse(byte[] bytes) throws MalformedIrException {
        try {
            CodedInputStream input = CodedInputStream.newInstance(bytes);
            input.setRecursionLimit(MESSAGE_DEPTH_MAX);
            Api message = Api.parseFrom(input);
            input.checkLastTagWas(0);
            return message;
        } catch (InvalidProtocolBufferException e) {
            throw new MalformedIrException("", "protobuf: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new AssertionError("reading an array cannot fail", e);
        }
    }

    private static void requireCanonical(byte[] bytes, byte[] canonical)
            throws MalformedIrException {
        int offset = Arrays.mismatch(bytes, canonical);
        if (offset >= 0) {
            throw new MalformedIrException(
                    "byte " + offset + ": (expected: the canonical encoding, only known fields)");
        }
    }

    private static Api message(ApiIr api) {
        Api.Builder message =
                Api.newBuilder()
                        .setFormat(FORMAT)
                        .setName(api.name())
                        .setCors(PolicyCodec.encode(api.cors()));
        api.hosts().forEach(host -> message.addHosts(PolicyCodec.encode(host)));
        if (api.rateLimit() != null) {
            message.setRateLimit(PolicyCodec.encode(api.rateLimit()));
        }
        if (api.userCode() != null) {
            message.setUserCode(PolicyCodec.encode(api.userCode()));
        }
        switch (api.serving()) {
            case Serving.Routes routes -> message.setRoutes(encode(routes));
            case Serving.Proxy proxy -> message.setProxy(encode(proxy));
        }
        return message.build();
    }

    private static ApiIr decode(Api message) throws MalformedIrException {
        return new ApiIr(
                message.getName(),
                Decoding.all("hosts", message.getHostsList(), PolicyCodec::decode),
                message.hasRateLimit()
                        ? Decoding.one("rate_limit", message.getRateLimit(), PolicyCodec::decode)
                        : null,
                Decoding.required(
                        message.hasCors(), "cors", message.getCors(), PolicyCodec::decode),
                message.hasUserCode()
                        ? Decoding.one("user_code", message.getUserCode(), PolicyCodec::decode)
                        : null,
                switch (message.getServingCase()) {
                    case ROUTES -> decode(message.getRoutes());
                    case PROXY -> Decoding.one("proxy", message.getProxy(), IrCodec::decode);
                    case SERVING_NOT_SET -> throw Decoding.absent("serving");
                });
    }

    private static Routes encode(Serving.Routes routes) {
        Routes.Builder message = Routes.newBuilder();
        routes.routes().forEach(route -> message.addRoutes(RouteCodec.encode(route)));
        return message.build();
    }

    private static Serving decode(Routes message) throws MalformedIrException {
        return new Serving.Routes(
                Decoding.all("routes", message.getRoutesList(), RouteCodec::decode));
    }

    private static Proxy encode(Serving.Proxy proxy) {
        Proxy.Builder message = Proxy.newBuilder();
        switch (proxy.target()) {
            case Serving.ProxyTarget.UnixSocket socket ->
                    message.setUnixSocket(Utf8.encodable(socket.path()));
            case Serving.ProxyTarget.Upstream upstream ->
                    message.setUpstream(Utf8.encodable(upstream.url()));
        }
        return message.build();
    }

    private static Serving decode(Proxy message) throws MalformedIrException {
        return switch (message.getTargetCase()) {
            case UNIX_SOCKET ->
                    new Serving.Proxy(new Serving.ProxyTarget.UnixSocket(message.getUnixSocket()));
            case UPSTREAM ->
                    new Serving.Proxy(new Serving.ProxyTarget.Upstream(message.getUpstream()));
            case TARGET_NOT_SET -> throw Decoding.absent("target");
        };
    }
}
