package io.mimicore.dataplane.transport;

import io.mimicore.dataplane.http.StaticAnswer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client connection: reads requests one after the other, and writes their answers in order.
///
/// A request is read only when the one before it has been answered, so a pipelining client waits in
/// its own socket buffer. Answers of one read batch leave in one flush. Everything in this class
/// runs on the connection's event loop.
// Netty tells failures through the channel: a failed write or close ends in channelInactive.
@SuppressWarnings("FutureReturnValueIgnored")
final class HttpConnection extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(HttpConnection.class);

    /// Bytes read ahead of the request being answered before reading pauses.
    private static final int READ_AHEAD_BYTES_MAX = 64 * 1024;

    /// An unread body up to this size is thrown away to keep the connection; above it is closed.
    private static final int DISCARD_BYTES_MAX = 64 * 1024;

    private final HttpServerContext server;
    private final HeadParser parser;
    private final RequestHead head;
    private final BodyDecoder body = new BodyDecoder();
    private final RequestIds ids;
    private final AnswerEncoder encoder;
    private final Deadlines deadlines;
    private ChannelHandlerContext context;
    private ByteBuf in = Unpooled.EMPTY_BUFFER;
    private @Nullable ConnectionExchange exchange;
    private @Nullable HttpStream stream;
    private boolean bodyWanted;
    private boolean inputEnded;
    private boolean processing;
    private boolean readBatch;
    private boolean closing;
    private boolean counted;

    @SuppressWarnings("NullAway.Init") // the context comes with handlerAdded, before any event
    HttpConnection(HttpServerContext server, long connectionId) {
        this.server = server;
        this.parser = new HeadParser(server.limits());
        this.head = new RequestHead(server.limits().headersMax());
        this.ids = new RequestIds(connectionId);
        this.encoder = new AnswerEncoder(server.date());
        this.deadlines = new Deadlines(server.limits(), this::timedOut);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        counted = server.connectionOpened(this);
        if (!counted) {
            ctx.close();
            return;
        }
        deadlines.start(ctx.channel().eventLoop());
        deadlines.waitForHead();
        if (server.isClosing()) {
            drainIfIdle();
        }
        ctx.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        closing = true;
        deadlines.stop();
        ConnectionExchange current = exchange;
        exchange = null;
        closeStream();
        body.stopPassing();
        if (current != null) {
            current.die(0);
        }
        encoder.release();
        in.release();
        in = Unpooled.EMPTY_BUFFER;
        if (counted) {
            server.connectionClosed(this);
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (closing) {
            // What still comes after the last answer is thrown away until the client closes.
            bytes.release();
            return;
        }
        readBatch = true;
        append(bytes);
        process();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        readBatch = false;
        if (stream != null) {
            stream.batchEnded();
        }
        encoder.flush(ctx);
        pauseOrResume();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (closing) {
            return;
        }
        if (isStreaming()) {
            stream().writabilityChanged();
        } else if (ctx.channel().isWritable()) {
            process();
            pauseOrResume();
        }
    }

    /// The client has sent FIN. It may be waiting for the answer to a request that is complete, as
    /// `nc -N` does, or be gone; which, only writing to it tells. A streamed answer is sent; any
    /// other end of input ends the connection.
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded = true;
            if (closing || !isStreaming() || !stream().inputEnded()) {
                ctx.close();
            } else {
                process();
            }
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            log.error("connection {} failed and is closed", ctx.channel().remoteAddress(), cause);
        }
        ctx.close();
    }

    EventLoop eventLoop() {
        return context.channel().eventLoop();
    }

    ByteBufAllocator allocator() {
        return context.alloc();
    }

    /// The client's address; empty: it has none, or is gone.
    String client() {
        return context.channel().remoteAddress() instanceof InetSocketAddress address
                ? address.getAddress().getHostAddress()
                : "";
    }

    String requestId() {
        String own = RequestIdHeader.of(head);
        return own == null ? ids.current() : own;
    }

    /// Ends the connection without losing a request: with the answer to the one under way, or to
    /// one that comes very soon.
    void drain() {
        drainIfIdle();
    }

    private void drainIfIdle() {
        if (server.isDraining() && exchange == null && !in.isReadable() && body.isDone()) {
            deadlines.waitForLastRequest();
        }
    }

    /// Closes at once, whatever is under way.
    void abort() {
        context.close();
    }

    void readBody(int bytesMax) {
        if (!body.isDone() && head.expectContinue && !body.announcesMoreThan(bytesMax)) {
            encoder.writeContinue(context.alloc());
            encoder.flush(context);
        }
        bodyWanted = true;
        body.keep(bytesMax);
        deadlines.waitForBody();
        process();
    }

    void send(ConnectionExchange done, int status, ByteBuf fields, @Nullable ByteBuf content) {
        boolean keepAlive = keepsAlive();
        encoder.write(
                context,
                new AnswerEncoder.Envelope(head, keepAlive, ids, done.knownRequestId()),
                status,
                fields,
                content);
        answered(keepAlive);
    }

    void sendStatic(ConnectionExchange done, StaticAnswer answer) {
        boolean keepAlive = keepsAlive();
        encoder.writeStatic(
                context,
                new AnswerEncoder.Envelope(head, keepAlive, ids, done.knownRequestId()),
                answer);
        answered(keepAlive);
    }

    private boolean keepsAlive() {
        return mayKeepAlive() && discardsRest();
    }

    boolean mayKeepAlive() {
        return head.keepAlive && !server.isDraining() && !inputEnded;
    }

    /// Whether what has not been read of the body will be thrown away to keep the connection.
    boolean discardsRest() {
        // A body that a client holds back until it is asked (Expect) will not come: close.
        return body.isDone() || (!head.expectContinue && body.remaining() <= DISCARD_BYTES_MAX);
    }

    HttpStream stream() {
        HttpStream known = stream;
        if (known == null) {
            known = new HttpStream(this, head);
            stream = known;
        }
        return known;
    }

    BodyDecoder body() {
        return body;
    }

    AnswerEncoder encoder() {
        return encoder;
    }

    Deadlines deadlines() {
        return deadlines;
    }

    ChannelHandlerContext context() {
        return context;
    }

    AnswerEncoder.Envelope envelope(@Nullable ConnectionExchange of, boolean keepAlive) {
        return new AnswerEncoder.Envelope(
                head, keepAlive, ids, of == null ? null : of.knownRequestId());
    }

    @Nullable InetSocketAddress peer() {
        return context.channel().remoteAddress() instanceof InetSocketAddress address
                ? address
                : null;
    }

    boolean isWritable() {
        return context.channel().isWritable();
    }

    void flush() {
        encoder.flush(context);
    }

    void flushUnlessReading() {
        if (!readBatch) {
            encoder.flush(context);
        }
    }

    void readingChanged(boolean on) {
        if (on) {
            process();
            if (!readBatch && stream != null) {
                stream.batchEnded();
            }
        }
        pauseOrResume();
    }

    /// Closes in the middle of an answer.
    ///
    /// @param reset whether a plain close could be taken for the answer's end
    void breakOff(boolean reset) {
        closing = true;
        exchange = null;
        encoder.flush(context);
        if (reset && context.channel().config().getOption(ChannelOption.SO_LINGER) != null) {
            context.channel().config().setOption(ChannelOption.SO_LINGER, 0);
        }
        context.close();
    }

    private boolean isStreaming() {
        return stream != null && stream.isOpen();
    }

    private void closeStream() {
        if (stream != null) {
            stream.close();
        }
    }

    void answered(boolean keepAlive) {
        closeStream();
        exchange = null;
        bodyWanted = false;
        if (!keepAlive) {
            encoder.flush(context);
            closeSoftly();
            return;
        }
        deadlines.waitForRequest();
        if (!readBatch) {
            encoder.flush(context);
        }
        if (!processing) {
            process();
            pauseOrResume();
        }
    }

    private void append(ByteBuf bytes) {
        if (!in.isReadable()) {
            in.release();
            in = bytes;
            return;
        }
        in = Cumulation.append(context.alloc(), in, bytes);
    }

    private void process() {
        if (processing) {
            return;
        }
        processing = true;
        try {
            boolean more = true;
            while (more && !closing && (context.channel().isWritable() || isStreaming())) {
                more = step();
            }
        } finally {
            processing = false;
        }
        if (inputEnded && !closing && (exchange == null || endsTooEarly())) {
            context.close();
        }
    }

    /// Whether the client's last byte has come and the body it announced is not complete.
    private boolean endsTooEarly() {
        return isStreaming() && !stream().inputEnded();
    }

    /// One step; false: nothing more can be done with the bytes that are here.
    private boolean step() {
        if (isStreaming()) {
            return stepStream();
        }
        if (!body.isDone() && (bodyWanted || exchange == null)) {
            return readBodyBytes();
        }
        if (bodyWanted) {
            bodyWanted = false;
            deadlines.none();
            ConnectionExchange current = exchange;
            if (current != null) {
                current.bodyComplete(body.take());
            }
            return true;
        }
        return exchange == null && in.isReadable() && readHead();
    }

    private boolean stepStream() {
        return switch (stream().take(in)) {
            // Once the exchange is over, the next request may be here already.
            case DONE -> !isStreaming();
            case MORE, TOO_LARGE -> false;
            case MALFORMED -> {
                refuse(Refusal.malformed("the chunked body is malformed: " + body.wrong()));
                yield false;
            }
        };
    }

    private boolean readHead() {
        deadlines.waitForHead();
        if (!parser.parse(in, head)) {
            Refusal refusal = parser.refusal();
            if (refusal != null) {
                ids.next();
                refuse(refusal);
            }
            return false;
        }
        deadlines.none();
        ids.next();
        body.start(head);
        ConnectionExchange started = new ConnectionExchange(this, head, server.nanoTime());
        exchange = started;
        server.handler().handle(started);
        return true;
    }

    private boolean readBodyBytes() {
        if (bodyWanted) {
            deadlines.waitForBody();
        }
        return switch (body.decode(in)) {
            case DONE -> true;
            case MORE -> false;
            case TOO_LARGE -> {
                refuse(
                        new Refusal(
                                413, "body-too-large", "the body is larger than the route takes"));
                yield false;
            }
            case MALFORMED -> {
                refuse(Refusal.malformed("the chunked body is malformed: " + body.wrong()));
                yield false;
            }
        };
    }

    /// Answers by itself and closes. Whoever handles the exchange hears of it by its end and counts
    /// the request; only where there is none, the server is told that nobody else does.
    void refuse(Refusal refusal) {
        if (isStreaming() && stream().isAnswering()) {
            stream().abort(refusal.status());
            return;
        }
        ConnectionExchange current = exchange;
        exchange = null;
        closeStream();
        if (current == null) {
            server.unhandled(refusal);
        } else {
            current.die(refusal.status());
        }
        server.refused(refusal);
        encoder.writeRefusal(context, ids, refusal);
        encoder.flush(context);
        closeSoftly();
    }

    private void timedOut(Deadlines.Kind kind) {
        switch (kind) {
            case IDLE -> context.close();
            case HEAD -> {
                if (in.isReadable()) {
                    refuse(new Refusal(408, "request-timeout", "the head did not come in time"));
                } else {
                    context.close();
                }
            }
            case BODY ->
                    refuse(new Refusal(408, "request-timeout", "the body did not come in time"));
            case STREAM -> stream().expired();
            case LINGER -> context.close();
        }
    }

    /// Sends FIN after the last answer, and lets the client read it: a plain close would reset the
    /// connection if unread bytes of a body were still arriving (RFC 9112 §9.6).
    private void closeSoftly() {
        closing = true;
        in.skipBytes(in.readableBytes());
        context.channel().config().setAutoRead(true);
        deadlines.waitForDrain();
        encoder.shutdownOutput(
                context,
                () -> {
                    if (inputEnded) {
                        context.close();
                    } else {
                        deadlines.linger();
                    }
                });
    }

    private void pauseOrResume() {
        if (closing) {
            return;
        }
        boolean reads =
                isStreaming()
                        ? in.readableBytes() <= READ_AHEAD_BYTES_MAX && !stream().holdsBack()
                        : in.readableBytes() <= READ_AHEAD_BYTES_MAX
                                && context.channel().isWritable();
        context.channel().config().setAutoRead(reads);
    }
}
