package io.mimicore.dataplane.upstream;

import static java.util.Objects.requireNonNull;

import io.mimicore.dataplane.call.CallFailure;
import io.mimicore.dataplane.call.HeaderBlock;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One request and its response on a stream of HTTP/2 (RFC 9113 §8). Confined to its event loop.
// Netty tells failures through the channel: a failed write or close ends in channelInactive.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http2Exchange extends ChannelInboundHandlerAdapter implements UpstreamStream {
    private final Http2Connection connection;
    private final UpstreamRequest request;
    private final ResponseListener listener;
    private final boolean connectionServed;
    private final long startNanos;
    private @Nullable Http2StreamChannel stream;
    private boolean headRead;
    private boolean answered;
    private boolean ended;
    private boolean over;
    private int interim;

    Http2Exchange(Http2Connection connection, UpstreamRequest request, ResponseListener listener) {
        this.connection = connection;
        this.request = request;
        this.listener = listener;
        this.connectionServed = connection.hasServed();
        this.startNanos = connection.now();
    }

    void send(Http2StreamChannel opened) {
        stream = opened;
        boolean secure = connection.channel().pipeline().get(SslHandler.class) != null;
        Http2Headers headers =
                new DefaultHttp2Headers(false)
                        .method(request.method())
                        .scheme(secure ? "https" : "http")
                        .authority(new AsciiString(request.host(), false))
                        .path(new AsciiString(request.target(), false));
        request.fixed().fields().forEach(field -> add(field, headers));
        request.more().forEach(field -> add(field, headers));
        if (request.bodyLength() > 0 || request.announcesEmptyBody()) {
            headers.setLong("content-length", Math.max(0, request.bodyLength()));
        }
        ended = !request.hasBody();
        opened.writeAndFlush(new DefaultHttp2HeadersFrame(headers, ended));
    }

    void failToOpen() {
        fail(
                new UpstreamException(
                        CallFailure.Kind.BROKEN,
                        "the connection takes no more streams",
                        UpstreamException.Processed.NO));
    }

    private static void add(HeaderBlock.Field field, Http2Headers headers) {
        headers.add(field.name(), new AsciiString(field.value(), false));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (over) {
                return;
            }
            connection.heard();
            answered = true;
            switch (message) {
                case Http2HeadersFrame frame -> readHeaders(frame);
                case Http2DataFrame frame -> readData(frame);
                default -> {}
            }
        } catch (MalformedResponseException e) {
            fail(UpstreamException.broken(e.text()));
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        try {
            switch (event) {
                case Http2ResetFrame reset -> reset(reset);
                case Http2GoAwayFrame _ ->
                        fail(
                                new UpstreamException(
                                        CallFailure.Kind.BROKEN,
                                        "the upstream closes the connection",
                                        UpstreamException.Processed.NO));
                default -> {}
            }
        } finally {
            ReferenceCountUtil.release(event);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        boolean early = !answered && connectionServed;
        fail(
                new UpstreamException(
                        CallFailure.Kind.BROKEN,
                        answered
                                ? "the stream closed within the response"
                                : "the connection closed before a response came",
                        early
                                ? UpstreamException.Processed.HARDLY
                                : UpstreamException.Processed.MAYBE));
        ctx.fireChannelInactive();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (!over) {
            listener.writabilityChanged();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(UpstreamException.broken("the stream is malformed"));
    }

    @Override
    public void write(ByteBuf piece) {
        if (over || ended) {
            piece.release();
        } else {
            stream().writeAndFlush(new DefaultHttp2DataFrame(piece));
        }
    }

    @Override
    public void end() {
        if (!over && !ended) {
            ended = true;
            stream().writeAndFlush(new DefaultHttp2DataFrame(true));
        }
    }

    @Override
    public boolean isWritable() {
        return !over && stream().isWritable();
    }

    @Override
    public void reading(boolean on) {
        if (!over) {
            stream().config().setAutoRead(on);
        }
    }

    @Override
    public void cancel() {
        if (!over) {
            finish(answered ? null : startNanos);
        }
    }

    private void reset(Http2ResetFrame frame) {
        boolean refused = frame.errorCode() == Http2Error.REFUSED_STREAM.code();
        fail(
                new UpstreamException(
                        CallFailure.Kind.BROKEN,
                        "the upstream reset the stream",
                        refused
                                ? UpstreamException.Processed.NO
                                : UpstreamException.Processed.MAYBE));
    }

    private void readHeaders(Http2HeadersFrame frame) throws MalformedResponseException {
        if (headRead) {
            ResponseHead trailers = new ResponseHead(0, false, new byte[0]);
            addFields(frame.headers(), trailers);
            complete(trailers.count() == 0 ? null : trailers);
            return;
        }
        int status = status(frame.headers());
        if (status < 200) {
            if (frame.isEndStream() || ++interim > UpstreamLimits.INTERIM_MAX) {
                throw new MalformedResponseException("an interim response ends the stream");
            }
            return;
        }
        ResponseHead head = new ResponseHead(status, false, new byte[0]);
        addFields(frame.headers(), head);
        headRead = true;
        listener.head(head);
        if (frame.isEndStream()) {
            complete(null);
        }
    }

    private static int status(Http2Headers headers) throws MalformedResponseException {
        CharSequence text = headers.status();
        if (text == null || text.length() != 3) {
            throw new MalformedResponseException(":status is not three digits");
        }
        int status = 0;
        for (int i = 0; i < 3; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                throw new MalformedResponseException(":status is not three digits");
            }
            status = 10 * status + digit;
        }
        if (status < 100 || status > 599 || status == 101) {
            throw new MalformedResponseException(":status is none of HTTP/2");
        }
        return status;
    }

    private static void addFields(Http2Headers headers, ResponseHead head)
            throws MalformedResponseException {
        for (Map.Entry<CharSequence, CharSequence> field : headers) {
            if (field.getKey().isEmpty() || field.getKey().charAt(0) == ':') {
                continue;
            }
            if (head.count() == UpstreamLimits.HEADERS_MAX) {
                throw new MalformedResponseException(
                        "there are more than " + UpstreamLimits.HEADERS_MAX + " header fields");
            }
            CharSequence value = field.getValue();
            for (int i = 0; i < value.length(); i++) {
                char c = value.charAt(i);
                if ((c < ' ' && c != '\t') || c == 0x7f) {
                    throw new MalformedResponseException("a header field has control characters");
                }
            }
            head.append(field.getKey(), value);
        }
    }

    private void readData(Http2DataFrame frame) throws MalformedResponseException {
        if (!headRead) {
            throw new MalformedResponseException("data comes before the header fields");
        }
        if (frame.content().isReadable()) {
            listener.body(frame.content().retain());
        }
        if (frame.isEndStream() && !over) {
            complete(null);
        }
    }

    private void complete(@Nullable ResponseHead trailers) {
        finish(null);
        listener.end(trailers);
    }

    private void fail(UpstreamException failure) {
        if (!over) {
            finish(null);
            listener.failed(failure);
        }
    }

    private void finish(@Nullable Long unheardSinceNanos) {
        over = true;
        Http2StreamChannel opened = stream;
        if (opened != null && opened.isActive()) {
            // Resets the stream unless both sides have ended it.
            opened.close();
        }
        connection.released(unheardSinceNanos);
    }

    private Http2StreamChannel stream() {
        return requireNonNull(stream, "stream");
    }
}
