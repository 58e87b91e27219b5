package io.mimicore.dataplane.upstream.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.mimicore.dataplane.trace.TraceContext;
import io.mimicore.dataplane.transport.HttpStream;
import io.mimicore.dataplane.transport.RequestHead;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// Writes the head of a request anew, from the fields that were parsed into the buffer that goes to
/// the upstream.
///
/// Left out: what is meant for the client's connection alone, what `Connection` names, and every
/// field by which a client could lie about where the request comes from. Added: framing by what was
/// read, and where the request comes from by what this node saw. A peer that is trusted may say
/// where a request comes from, and this node adds the peer.
final class RequestLines {
    private static final byte[] VERSION_HOST = " HTTP/1.1\r\nHost: ".getBytes(US_ASCII);
    private static final byte[] CHUNKED = "Transfer-Encoding: chunked\r\n".getBytes(US_ASCII);
    private static final byte[] LENGTH = "Content-Length: ".getBytes(US_ASCII);
    private static final byte[] UPGRADE = "Connection: Upgrade\r\nUpgrade: ".getBytes(US_ASCII);
    private static final byte[] TE = "Connection: TE\r\nTE: trailers\r\n".getBytes(US_ASCII);
    private static final byte[] FOR = "X-Forwarded-For: ".getBytes(US_ASCII);
    private static final byte[] PROTO = "\r\nX-Forwarded-Proto: http".getBytes(US_ASCII);
    private static final byte[] HOST = "\r\nX-Forwarded-Host: ".getBytes(US_ASCII);
    private static final byte[] FORWARDED = "\r\nForwarded: ".getBytes(US_ASCII);
    private static final byte[] FORWARDED_FOR = "for=".getBytes(US_ASCII);
    private static final byte[] FORWARDED_HOST = ";proto=http;host=\"".getBytes(US_ASCII);
    private static final byte[] VIA_ID =
            "\"\r\nVia: 1.1 mimicore\r\nX-Request-Id: ".getBytes(US_ASCII);
    private static final byte[] TRACEPARENT = "traceparent: ".getBytes(US_ASCII);
    private static final byte[] TRACESTATE = "tracestate: ".getBytes(US_ASCII);
    private static final int CRLF = '\r' << 8 | '\n';

    private final ConnectionOptions options = new ConnectionOptions();
    private final TrustedProxies trusted;

    RequestLines(TrustedProxies trusted) {
        this.trusted = trusted;
    }

    /// Index of the protocol a request wants to switch to; -1: it does not.
    ///
    /// `h2c` is none: HTTP/2 within a tunnel would be read by nobody before the upstream.
    int upgrade(RequestHead head) {
        options.read(head);
        if (!options.hasUpgrade() || head.isHttp10() || head.hasBody()) {
            return -1;
        }
        int found = -1;
        for (int i = 0; i < head.count(); i++) {
            if (head.isNamed(i, "upgrade")) {
                if (found >= 0) {
                    return -1;
                }
                found = i;
            }
        }
        return found >= 0
                        && !head.sameIgnoringCase(
                                "h2c", head.valueStart(found), head.valueEnd(found))
                ? found
                : -1;
    }

    /// Writes the head, the empty line included.
    ///
    /// @param upgrade what [#upgrade] says
    /// @param span of the call; absent: the client's own goes through
    void write(
            HttpStream stream,
            ProxyTarget target,
            int upgrade,
            @Nullable TraceContext span,
            ByteBuf out) {
        RequestHead head = stream.head();
        head.writeMethod(out);
        out.writeByte(' ').writeBytes(target.basePath());
        head.writeTarget(out);
        out.writeBytes(VERSION_HOST);
        if (target.host() == null) {
            head.writeHost(out);
        } else {
            out.writeBytes(target.host());
        }
        out.writeShort(CRLF);
        boolean believed = trusted.contain(stream.peerAddress());
        writeFields(head, span != null, believed, out);
        if (upgrade >= 0) {
            int from = head.valueStart(upgrade);
            out.writeBytes(UPGRADE).writeBytes(head.bytes(), from, head.valueEnd(upgrade) - from);
            out.writeShort(CRLF);
        } else if (takesTrailers(head)) {
            out.writeBytes(TE);
        }
        writeFraming(head, out);
        writeOrigin(stream, head, believed, out);
        if (span != null) {
            writeSpan(span, out);
        }
        out.writeShort(CRLF);
    }

    private void writeFields(RequestHead head, boolean ownSpan, boolean believed, ByteBuf out) {
        options.read(head);
        for (int i = 0; i < head.count(); i++) {
            boolean own =
                    switch (head.nameEnd(i) - head.nameStart(i)) {
                        case 4 -> head.isNamed(i, "host");
                        case 10 -> ownSpan && head.isNamed(i, TraceContext.TRACESTATE);
                        case 11 -> ownSpan && head.isNamed(i, TraceContext.TRACEPARENT);
                        case 12 -> head.isNamed(i, "x-request-id");
                        default -> false;
                    };
            if (!own
                    && !FieldNames.isHopByHop(head, i)
                    && !(believed ? FieldNames.isOriginList(head, i) : FieldNames.isOrigin(head, i))
                    && !options.names(head, i)) {
                Lines.write(head, i, out);
            }
        }
    }

    /// Whether the client has said that it takes trailers (RFC 9110 §10.1.4).
    private static boolean takesTrailers(RequestHead head) {
        for (int i = 0; i < head.count(); i++) {
            if (head.nameEnd(i) - head.nameStart(i) == 2
                    && head.isNamed(i, "te")
                    && head.sameIgnoringCase("trailers", head.valueStart(i), head.valueEnd(i))) {
                return true;
            }
        }
        return false;
    }

    private static void writeFraming(RequestHead head, ByteBuf out) {
        if (head.contentLength() != RequestHead.NO_LENGTH) {
            Lines.writeDecimal(out.writeBytes(LENGTH), head.contentLength());
            out.writeShort(CRLF);
        } else if (head.hasBody()) {
            out.writeBytes(CHUNKED);
        }
    }

    private static void writeSpan(TraceContext span, ByteBuf out) {
        out.writeBytes(TRACEPARENT);
        out.writeCharSequence(span.traceparent(), US_ASCII);
        out.writeShort(CRLF);
        if (!span.tracestate().isEmpty()) {
            out.writeBytes(TRACESTATE);
            out.writeCharSequence(span.tracestate(), US_ASCII);
            out.writeShort(CRLF);
        }
    }

    private static void writeOrigin(
            HttpStream stream, RequestHead head, boolean believed, ByteBuf out) {
        out.writeBytes(FOR);
        if (believed) {
            writeBefore(head, "x-forwarded-for", out);
        }
        stream.writePeer(out, false);
        if (!believed || !has(head, "x-forwarded-proto")) {
            out.writeBytes(PROTO);
        }
        if (!believed || !has(head, "x-forwarded-host")) {
            head.writeHost(out.writeBytes(HOST));
        }
        out.writeBytes(FORWARDED);
        if (believed) {
            writeBefore(head, "forwarded", out);
        }
        stream.writePeer(out.writeBytes(FORWARDED_FOR), true);
        out.writeBytes(FORWARDED_HOST);
        head.writeHost(out);
        out.writeBytes(VIA_ID);
        stream.writeRequestId(out);
        out.writeShort(CRLF);
    }

    /// Writes the values of a list field, each with the comma to what follows.
    private static void writeBefore(RequestHead head, String name, ByteBuf out) {
        for (int i = 0; i < head.count(); i++) {
            int from = head.valueStart(i);
            int length = head.valueEnd(i) - from;
            if (length > 0 && head.isNamed(i, name)) {
                out.writeBytes(head.bytes(), from, length).writeByte(',').writeByte(' ');
            }
        }
    }

    private static boolean has(RequestHead head, String name) {
        for (int i = 0; i < head.count(); i++) {
            if (head.isNamed(i, name)) {
                return true;
            }
        }
        return false;
    }
}
