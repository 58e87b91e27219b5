package io.mimicore.ir.codec;

import com.google.protobuf.ByteString;
import io.mimicore.ir.Cors;
import io.mimicore.ir.Digest;
import io.mimicore.ir.HostPattern;
import io.mimicore.ir.RateLimit;
import io.mimicore.ir.UserCode;
import java.util.List;

/// What holds for a whole API: its hosts, its limits, who may call it, its code.
final class PolicyCodec {
    private PolicyCodec() {}

    static io.mimicore.proto.ir.v1.HostPattern encode(HostPattern pattern) {
        var message = io.mimicore.proto.ir.v1.HostPattern.newBuilder();
        switch (pattern) {
            case HostPattern.Exact exact -> message.setExact(Utf8.encodable(exact.host()));
            case HostPattern.Suffix suffix -> message.setSuffix(Utf8.encodable(suffix.suffix()));
            case HostPattern.FirstLabel first ->
                    message.setFirstLabel(Utf8.encodable(first.label()));
        }
        return message.build();
    }

    static HostPattern decode(io.mimicore.proto.ir.v1.HostPattern message)
            throws MalformedIrException {
        return switch (message.getKindCase()) {
            case EXACT -> new HostPattern.Exact(message.getExact());
            case SUFFIX -> new HostPattern.Suffix(message.getSuffix());
            case FIRST_LABEL -> new HostPattern.FirstLabel(message.getFirstLabel());
            case KIND_NOT_SET -> throw Decoding.absent("kind");
        };
    }

    static io.mimicore.proto.ir.v1.RateLimit encode(RateLimit limit) {
        return io.mimicore.proto.ir.v1.RateLimit.newBuilder()
                .setRequestsPerSecond(limit.requestsPerSecond())
                .setBurst(limit.burst())
                .build();
    }

    static RateLimit decode(io.mimicore.proto.ir.v1.RateLimit message) {
        return new RateLimit(message.getRequestsPerSecond(), message.getBurst());
    }

    static io.mimicore.proto.ir.v1.Cors encode(Cors cors) {
        return io.mimicore.proto.ir.v1.Cors.newBuilder()
                .addAllOrigins(encodable(cors.origins()))
                .addAllMethods(encodable(cors.methods()))
                .addAllHeaders(encodable(cors.headers()))
                .addAllExposeHeaders(encodable(cors.exposeHeaders()))
                .setCredentials(cors.credentials())
                .setMaxAgeSeconds(cors.maxAgeSeconds())
                .build();
    }

    static Cors decode(io.mimicore.proto.ir.v1.Cors message) {
        return new Cors(
                message.getOriginsList(),
                message.getMethodsList(),
                message.getHeadersList(),
                message.getExposeHeadersList(),
                message.getCredentials(),
                message.getMaxAgeSeconds());
    }

    static io.mimicore.proto.ir.v1.UserCode encode(UserCode code) {
        var message =
                io.mimicore.proto.ir.v1.UserCode.newBuilder()
                        .setBuildKey(ByteString.copyFrom(code.buildKey().bytes()))
                        .setTimeoutMillis(code.timeoutMillis())
                        .setMaxMemoryMib(code.maxMemoryMib())
                        .setMinInstances(code.minInstances())
                        .setMaxInstances(code.maxInstances());
        code.functions().forEach(function -> message.addFunctions(SignatureCodec.encode(function)));
        return message.build();
    }

    static UserCode decode(io.mimicore.proto.ir.v1.UserCode message) throws MalformedIrException {
        return new UserCode(
                Decoding.one("build_key", message.getBuildKey(), PolicyCodec::digest),
                Decoding.all("functions", message.getFunctionsList(), SignatureCodec::decode),
                message.getTimeoutMillis(),
                message.getMaxMemoryMib(),
                message.getMinInstances(),
                message.getMaxInstances());
    }

    private static Digest digest(ByteString bytes) throws MalformedIrException {
        if (bytes.size() != Digest.BYTES) {
            throw new MalformedIrException(
                    "digest: " + bytes.size() + " bytes (expected: " + Digest.BYTES + ")");
        }
        return Digest.ofBytes(bytes.toByteArray());
    }

    private static List<String> encodable(List<String> texts) {
        texts.forEach(Utf8::encodable);
        return texts;
    }
}
