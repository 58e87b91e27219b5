package io.mimicore.dataplane.upstream;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.mimicore.dataplane.call.HeaderBlock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.DuplexChannelConfig;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import org.jspecify.annotations.Nullable;

/// An HTTP/1.1 connection to an upstream: one exchange at a time, no pipelining.
///
/// It is used again only when it is certain where the response ended: both messages are complete,
/// neither side wants to close, and not a byte has come that nobody asked for. Confined to its
/// event loop.
// Netty tells failures through the channel: a failed write or close ends in channelInactive.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http1Connection extends ChannelInboundHandlerAdapter implements UpstreamConnection {
    private static final byte[] VERSION = " HTTP/1.1\r\nhost: ".getBytes(US_ASCII);
    private static final byte[] CHUNKED = "transfer-encoding: chunked\r\n".getBytes(US_ASCII);
    private static final byte[] LENGTH = "content-length: ".getBytes(US_ASCII);
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(US_ASCII);
    private static final byte[] LINE_END = {'\r', '\n'};
    private static final int HEAD_BYTES = 512;
    private static final int CHUNK_LINE_BYTES = 10;
    private static final int CRLF = '\r' << 8 | '\n';

    private final Owner owner;
    private final boolean secure;
    private final ResponseHeadParser parser = new ResponseHeadParser();
    private final BodyFraming framing = new BodyFraming();
    private ChannelHandlerContext context;
    private ByteBuf in = Unpooled.EMPTY_BUFFER;
    private @Nullable Exchange current;
    private boolean served;
    private boolean retired;
    private boolean closed;
    private boolean closeNotified;
    private long idleSinceNanos;

    @SuppressWarnings("NullAway.Init") // the context comes with handlerAdded, before anything else
    Http1Connection(Owner owner, boolean secure) {
        this.owner = owner;
        this.secure = secure;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        idleSinceNanos = ctx.executor().ticker().nanoTime();
    }

    @Override
    public int capacity() {
        return current == null && !closed && !retired && context.channel().isActive() ? 1 : 0;
    }

    @Override
    public boolean isIdle() {
        return current == null;
    }

    @Override
    public long idleSinceNanos() {
        return idleSinceNanos;
    }

    @Override
    public Channel channel() {
        return context.channel();
    }

    @Override
    public UpstreamStream start(UpstreamRequest request, ResponseListener listener) {
        Exchange exchange = new Exchange(request, listener);
        current = exchange;
        exchange.writeHead();
        return exchange;
    }

    @Override
    public void retire() {
        retired = true;
        if (current == null) {
            shut();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        ByteBuf bytes = (ByteBuf) message;
        if (current == null) {
            // Nobody has asked: what comes could be taken for the answer to the next request.
            bytes.release();
            shut();
            return;
        }
        current.answered = true;
        in =
                in.isReadable()
                        ? ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), in, bytes)
                        : replace(bytes);
        try {
            process();
        } catch (MalformedResponseException e) {
            fail(UpstreamException.broken(e.text()));
        } finally {
            if (!in.isReadable()) {
                replace(Unpooled.EMPTY_BUFFER);
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (current != null) {
            current.listener.readCompleted();
        }
        ctx.fireChannelReadComplete();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        Exchange exchange = current;
        if (exchange != null && exchange.endsWithConnection() && (!secure || closeNotified)) {
            current = null;
            shut();
            exchange.listener.end(null);
        } else if (exchange != null) {
            fail(lost(exchange));
        } else {
            shut();
        }
        replace(Unpooled.EMPTY_BUFFER);
        ctx.fireChannelInactive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslCloseCompletionEvent close) {
            closeNotified = close.isSuccess();
        } else if (event instanceof ChannelInputShutdownEvent) {
            if (current != null && current.tunnel) {
                current.listener.outputEnded();
            } else {
                ctx.close();
            }
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (current != null) {
            current.listener.writabilityChanged();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    private UpstreamException lost(Exchange exchange) {
        if (!exchange.answered) {
            return new UpstreamException(
                    io.mimicore.dataplane.call.CallFailure.Kind.BROKEN,
                    "the connection closed before a response came",
                    served
                            ? UpstreamException.Processed.HARDLY
                            : UpstreamException.Processed.MAYBE);
        }
        return UpstreamException.broken("the connection closed within the response");
    }

    private ByteBuf replace(ByteBuf next) {
        in.release();
        in = next;
        return next;
    }

    private void process() throws MalformedResponseException {
        Exchange exchange = current;
        while (exchange != null && current == exchange) {
            if (!exchange.headRead) {
                if (!readHead(exchange)) {
                    return;
                }
                continue;
            }
            ByteBuf piece = exchange.tunnel ? wholeBuffer() : framing.next(in);
            if (piece != null) {
                exchange.listener.body(piece);
            } else if (!exchange.tunnel && framing.isDone()) {
                complete(exchange);
            } else {
                return;
            }
        }
    }

    private @Nullable ByteBuf wholeBuffer() {
        return in.isReadable() ? in.readRetainedSlice(in.readableBytes()) : null;
    }

    private boolean readHead(Exchange exchange) throws MalformedResponseException {
        if (!in.isReadable()) {
            return false;
        }
        ResponseHead head = parser.readHead(in);
        if (head == null) {
            return false;
        }
        if (head.status() == 101) {
            if (!exchange.request.upgrade()) {
                throw new MalformedResponseException("status 101, but no upgrade was asked for");
            }
            exchange.tunnel = true;
            exchange.headRead = true;
            if (context.channel().config() instanceof DuplexChannelConfig duplex) {
                duplex.setAllowHalfClosure(true);
            }
            exchange.listener.head(head);
        } else if (head.status() < 200) {
            if (++exchange.interim > UpstreamLimits.INTERIM_MAX) {
                throw new MalformedResponseException("there are too many interim responses");
            }
            exchange.listener.interim(head);
        } else {
            framing.start(head, exchange.request.isHead());
            exchange.headRead = true;
            exchange.keepAlive = isPersistent(head);
            exchange.listener.head(head);
        }
        return true;
    }

    private boolean isPersistent(ResponseHead head) {
        if (head.isHttp10() || framing.endsWithConnection()) {
            return false;
        }
        for (int i = 0; i < head.count(); i++) {
            if (head.isNamed(i, "connection") && hasClose(head, i)) {
                return false;
            }
        }
        return true;
    }

    /// Whether a field's list has the option `close` (RFC 9112 §9.6).
    private static boolean hasClose(ResponseHead head, int index) {
        byte[] bytes = head.bytes();
        int end = head.valueEnd(index);
        int from = head.valueStart(index);
        while (from < end) {
            int comma = from;
            while (comma < end && bytes[comma] != ',') {
                comma++;
            }
            int to = comma;
            while (from < to && isBlank(bytes[from])) {
                from++;
            }
            while (to > from && isBlank(bytes[to - 1])) {
                to--;
            }
            if (head.sameIgnoringCase("close", from, to)) {
                return true;
            }
            from = comma + 1;
        }
        return false;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    private void complete(Exchange exchange) {
        current = null;
        boolean clean = exchange.keepAlive && exchange.isSent() && !in.isReadable() && !retired;
        ResponseHead trailers = framing.trailers();
        if (clean) {
            served = true;
            idleSinceNanos = context.executor().ticker().nanoTime();
            context.channel().config().setAutoRead(true);
            // Before the listener is told: what it calls next can go over this connection.
            owner.available(this);
        } else {
            shut();
        }
        exchange.listener.end(trailers);
    }

    private void fail(UpstreamException failure) {
        Exchange exchange = current;
        current = null;
        shut();
        if (exchange != null) {
            exchange.listener.failed(failure);
        }
    }

    private void shut() {
        if (!closed) {
            closed = true;
            owner.closed(this);
            context.close();
        }
    }

    /// One request and its response.
    private final class Exchange implements UpstreamStream {
        private final UpstreamRequest request;
        private final ResponseListener listener;
        private boolean headRead;
        private boolean answered;
        private boolean keepAlive;
        private boolean tunnel;
        private boolean ended;
        private int interim;
        private long written;

        Exchange(UpstreamRequest request, ResponseListener listener) {
            this.request = request;
            this.listener = listener;
        }

        void writeHead() {
            ByteBuf out = context.alloc().buffer(HEAD_BYTES);
            HeadWriter writer = request.writer();
            if (writer != null) {
                writer.writeHead(out);
            } else {
                writeParts(out);
            }
            if (!request.hasBody()) {
                ended = true;
                context.writeAndFlush(out, context.voidPromise());
            } else if (writer != null || request.bodyLength() > 0) {
                // Leaves with the first piece of the body.
                context.write(out, context.voidPromise());
            } else {
                context.writeAndFlush(out, context.voidPromise());
            }
        }

        private void writeParts(ByteBuf out) {
            ByteBufUtil.writeAscii(out, request.method());
            out.writeByte(' ').writeBytes(request.target()).writeBytes(VERSION);
            out.writeBytes(request.host()).writeShort(CRLF).writeBytes(request.fixed().lines());
            for (HeaderBlock.Field field : request.more()) {
                ByteBufUtil.writeAscii(out, field.name());
                out.writeByte(':').writeByte(' ').writeBytes(field.value()).writeShort(CRLF);
            }
            if (request.bodyLength() == UpstreamRequest.UNKNOWN_LENGTH) {
                out.writeBytes(CHUNKED);
            } else if (request.hasBody() || request.announcesEmptyBody()) {
                out.writeBytes(LENGTH);
                ByteBufUtil.writeAscii(out, Long.toString(Math.max(0, request.bodyLength())));
                out.writeShort(CRLF);
            }
            out.writeShort(CRLF);
        }

        boolean isSent() {
            ChannelOutboundBuffer waiting = context.channel().unsafe().outboundBuffer();
            return ended && waiting != null && waiting.isEmpty();
        }

        boolean endsWithConnection() {
            return headRead && (tunnel || framing.endsWithConnection());
        }

        @Override
        public void write(ByteBuf piece) {
            if (current != this || (ended && !tunnel)) {
                piece.release();
                return;
            }
            int length = piece.readableBytes();
            written += length;
            if (tunnel) {
                context.writeAndFlush(piece);
            } else if (request.bodyLength() != UpstreamRequest.UNKNOWN_LENGTH) {
                if (written > request.bodyLength()) {
                    piece.release();
                    throw new IllegalStateException(
                            "body: " + written + " bytes (expected: " + request.bodyLength() + ")");
                }
                context.writeAndFlush(piece, context.voidPromise());
            } else if (length == 0) {
                // An empty chunk would end the body.
                piece.release();
            } else {
                ByteBuf size = context.alloc().buffer(10);
                ByteBufUtil.writeAscii(size, Integer.toHexString(length));
                context.write(size.writeShort(CRLF));
                context.write(piece);
                context.writeAndFlush(context.alloc().buffer(2).writeShort(CRLF));
            }
        }

        @Override
        public void end() {
            if (current != this || ended) {
                return;
            }
            ended = true;
            if (request.bodyLength() == UpstreamRequest.UNKNOWN_LENGTH) {
                context.writeAndFlush(Unpooled.wrappedBuffer(LAST_CHUNK), context.voidPromise());
            } else if (written < request.bodyLength()) {
                throw new IllegalStateException(
                        "body: " + written + " bytes (expected: " + request.bodyLength() + ")");
            }
        }

        @Override
        public void pass(ByteBuf piece) {
            int length = piece.readableBytes();
            if (current != this || (ended && !tunnel) || length == 0) {
                piece.release();
            } else if (tunnel || request.bodyLength() != UpstreamRequest.UNKNOWN_LENGTH) {
                written += length;
                context.write(piece, context.voidPromise());
            } else {
                ByteBuf size = context.alloc().buffer(CHUNK_LINE_BYTES);
                ByteBufUtil.writeAscii(size, Integer.toHexString(length));
                context.write(size.writeShort(CRLF), context.voidPromise());
                context.write(piece, context.voidPromise());
                context.write(Unpooled.wrappedBuffer(LINE_END), context.voidPromise());
            }
        }

        @Override
        public void flush() {
            if (current == this) {
                context.flush();
            }
        }

        @Override
        public void end(@Nullable ByteBuf trailers) {
            if (current == this && !ended) {
                ended = true;
                if (request.bodyLength() == UpstreamRequest.UNKNOWN_LENGTH) {
                    ByteBuf last = context.alloc().buffer(CHUNK_LINE_BYTES).writeByte('0');
                    last.writeShort(CRLF);
                    if (trailers != null) {
                        last.writeBytes(trailers);
                    }
                    context.write(last.writeShort(CRLF), context.voidPromise());
                }
            }
            if (trailers != null) {
                trailers.release();
            }
        }

        @Override
        public void endTunnelOutput() {
            if (current != this) {
                return;
            }
            if (context.channel() instanceof DuplexChannel duplex) {
                context.writeAndFlush(Unpooled.EMPTY_BUFFER)
                        .addListener(_ -> duplex.shutdownOutput());
            } else {
                cancel();
            }
        }

        @Override
        public boolean isWritable() {
            return current == this && context.channel().isWritable();
        }

        @Override
        public void reading(boolean on) {
            if (current == this) {
                context.channel().config().setAutoRead(on);
            }
        }

        @Override
        public void cancel() {
            if (current == this) {
                current = null;
                shut();
            }
        }
    }
}
