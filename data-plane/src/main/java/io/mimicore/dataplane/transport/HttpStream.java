package io.mimicore.dataplane.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.mimicore.dataplane.http.Exchange;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// An exchange whose body and answer go through piece by piece, without being copied.
///
/// One for each connection, used by one exchange after the other: whoever has [#open]ed it must not
/// touch it after the end of that exchange. Order of an answer: [#interim] any number of times;
/// [#answer], header lines into what it returns, [#headEnded]; [#write] any number of times;
/// [#end]. What is written leaves with [#flush]. Confined to the event loop.
public final class HttpStream {
    /// The body's length is not known before it ends.
    public static final long UNKNOWN_LENGTH = -1;

    /// There is no body, and no length is announced.
    public static final long NO_BODY = -2;

    private final HttpConnection connection;
    private final RequestHead head;
    private final BodySink sink = new BodySink();
    private final @Nullable InetAddress peerAddress;
    private final byte[] peer;
    private final byte[] peerNode;
    private @Nullable ConnectionExchange exchange;
    private @Nullable StreamListener listener;
    private boolean reading;
    private boolean bodyEnded;
    private boolean tunnel;
    private boolean inputEnded;
    private boolean keepAlive;
    private boolean chunked;
    private boolean bodiless;
    private int status;

    HttpStream(HttpConnection connection, RequestHead head) {
        this.connection = connection;
        this.head = head;
        InetSocketAddress address = connection.peer();
        this.peerAddress = address == null ? null : address.getAddress();
        String text = peerAddress == null ? "unknown" : peerAddress.getHostAddress();
        int zone = text.indexOf('%');
        String bare = zone < 0 ? text : text.substring(0, zone);
        boolean quoted = peerAddress instanceof Inet6Address;
        this.peer = bare.getBytes(US_ASCII);
        this.peerNode = quoted ? ("\"[" + bare + "]\"").getBytes(US_ASCII) : peer;
    }

    /// Makes an exchange a streamed one, instead of reading its body and answering it whole. Call
    /// it on the exchange's event loop, before anything of the body was asked for.
    ///
    /// @param exchange of this package's server, not answered
    public static HttpStream open(Exchange exchange, StreamListener listener) {
        if (!(exchange.bare() instanceof ConnectionExchange own)) {
            throw new IllegalArgumentException(
                    "exchange: " + exchange + " (expected: one of an HttpServer)");
        }
        HttpStream stream = own.connection().stream();
        stream.begin(own, listener);
        return stream;
    }

    private void begin(ConnectionExchange of, StreamListener hears) {
        of.requireUnanswered();
        exchange = of;
        listener = hears;
        reading = false;
        bodyEnded = connection.body().isDone();
        tunnel = false;
        inputEnded = false;
        keepAlive = false;
        chunked = false;
        bodiless = false;
        status = 0;
        connection.body().pass(sink);
    }

    /// The request's head.
    public RequestHead head() {
        return head;
    }

    /// The id of the request, as it goes into `X-Request-Id`.
    public void writeRequestId(ByteBuf out) {
        AnswerEncoder.writeRequestId(out, connection.envelope(exchange, true));
    }

    /// Where everything of this exchange runs.
    public EventLoop eventLoop() {
        return connection.eventLoop();
    }

    /// Makes the buffers.
    public ByteBufAllocator allocator() {
        return connection.allocator();
    }

    /// Who is at the other end of the connection; `null`: it has no address.
    public @Nullable InetAddress peerAddress() {
        return peerAddress;
    }

    /// Writes the client's address; `unknown` where it has none.
    ///
    /// @param asNode as a parameter of `Forwarded` (RFC 7239 §6)
    public void writePeer(ByteBuf out, boolean asNode) {
        out.writeBytes(asNode ? peerNode : peer);
    }

    /// Lets the body come, or holds it back; nothing comes before the first call. A piece that is
    /// being told may be followed by at most one more.
    public void reading(boolean on) {
        if (reading != on) {
            reading = on;
            connection.readingChanged(on);
        }
    }

    /// Whether the whole body has come.
    public boolean isBodyEnded() {
        return bodyEnded;
    }

    /// Calls [StreamListener#expired] after this time, unless it is called again before.
    public void expire(Duration wait) {
        connection.deadlines().waitForStream(wait);
    }

    /// Whether more should be written: `false` while much waits for the client to read it.
    public boolean isWritable() {
        return connection.isWritable();
    }

    /// Sends an interim response (RFC 9110 §15.2); a client of HTTP/1.0 gets none.
    ///
    /// @param code 100..199, not 101
    /// @param fields header lines, each with its CR LF; released here
    public void interim(int code, ByteBuf fields) {
        if (!head.http10) {
            connection.encoder().writeInterim(connection.allocator(), code, fields);
            connection.flush();
        }
        fields.release();
    }

    /// Begins the answer.
    ///
    /// @return takes header lines, each with its CR LF; without framing, `Connection` and
    ///   `X-Request-Id`
    public ByteBuf answer(int code) {
        status = code;
        return connection.encoder().beginHead(connection.allocator(), code);
    }

    /// Ends the head of the answer.
    ///
    /// @param length of the body in bytes, [#UNKNOWN_LENGTH] or [#NO_BODY]
    /// @param dated whether the lines have a `Date`
    public void headEnded(long length, boolean dated) {
        bodiless = length == NO_BODY || status == 204 || status == 304 || isHead();
        chunked = length == UNKNOWN_LENGTH && !bodiless && !head.http10;
        boolean endsByClose = length == UNKNOWN_LENGTH && !bodiless && head.http10;
        // An error before the whole body has come mostly means that nobody will read the rest.
        boolean abandoned = status >= 300 && !bodyEnded;
        keepAlive = connection.mayKeepAlive() && !endsByClose && !abandoned;
        connection
                .encoder()
                .endHead(
                        connection.envelope(exchange, keepAlive),
                        chunked ? AnswerEncoder.CHUNKED : status == 204 ? NO_BODY : length,
                        dated);
    }

    /// Switches protocols: the lines of the answer 101 are ended, and from now on bytes go through
    /// as they are, in both directions. The connection closes after it.
    public void tunnel() {
        tunnel = true;
        bodyEnded = false;
        keepAlive = false;
        connection.encoder().endUpgrade(connection.envelope(exchange, true));
        connection.flush();
    }

    /// Whether it has become a tunnel.
    public boolean isTunnel() {
        return tunnel;
    }

    /// Sends a piece of the body, or through the tunnel.
    ///
    /// @param piece released when it has been sent
    public void write(ByteBuf piece) {
        if (bodiless || !piece.isReadable()) {
            piece.release();
        } else if (chunked) {
            connection.encoder().writeChunk(connection.context(), piece);
        } else {
            connection.encoder().writePiece(connection.context(), piece);
        }
    }

    /// Sends what was written; within a batch of reads of this connection, at its end.
    public void flush() {
        connection.flushUnlessReading();
    }

    /// Ends the answer, and the exchange.
    ///
    /// @param trailers lines to send after the body where that is chunked, each with its CR LF;
    ///   released here
    public void end(@Nullable ByteBuf trailers) {
        if (chunked) {
            connection.encoder().writeLastChunk(connection.allocator(), trailers);
        }
        if (trailers != null) {
            trailers.release();
        }
        finish(status, keepAlive && !inputEnded);
    }

    /// Ends the tunnel's direction to the client; the client may still send.
    public void endTunnelOutput() {
        connection.flush();
        connection.encoder().shutdownOutput(connection.context(), () -> {});
    }

    /// Breaks the answer off in a way that no client takes for its end, and ends the exchange.
    ///
    /// @param code what the end of the exchange is told as
    public void abort(int code) {
        boolean endsByClose = !chunked && head.http10;
        ConnectionExchange ending = close();
        connection.breakOff(endsByClose || tunnel);
        if (ending != null) {
            ending.die(code);
        }
    }

    /// Answers with a problem of the transport's own and closes; ends the exchange. Only before
    /// [#answer].
    public void refuse(int code, String problem, String detail) {
        connection.refuse(new Refusal(code, problem, detail));
    }

    /// Ends streaming without an answer; the exchange can be answered whole. Only before [#answer].
    public void giveUp() {
        close();
    }

    /// Whether the head of the answer has been begun.
    boolean isAnswering() {
        return status != 0;
    }

    boolean isOpen() {
        return exchange != null;
    }

    /// The connection is gone, or answers by itself.
    @Nullable ConnectionExchange close() {
        ConnectionExchange ending = exchange;
        exchange = null;
        listener = null;
        connection.body().stopPassing();
        return ending;
    }

    void writabilityChanged() {
        if (listener != null) {
            listener.writabilityChanged();
        }
    }

    void batchEnded() {
        if (listener != null) {
            listener.batchEnded();
        }
    }

    void expired() {
        if (listener != null) {
            listener.expired();
        }
    }

    /// Whether bytes must stay where they are. After the body they need not: what comes then is the
    /// next request, within its limit, and each switch of reading costs a system call.
    boolean holdsBack() {
        return !reading && (tunnel || !connection.body().isDone());
    }

    /// The client has ended its side of the connection; the answer can still be sent.
    ///
    /// @return whether the exchange can go on
    boolean inputEnded() {
        inputEnded = true;
        return tunnel || bodyEnded || connection.body().isDone() || !reading;
    }

    /// Takes what can be taken off the connection's bytes.
    ///
    /// @return whether the body is malformed
    BodyDecoder.Progress take(ByteBuf in) {
        StreamListener hears = listener;
        if (hears == null || (bodyEnded && !tunnel)) {
            return BodyDecoder.Progress.DONE;
        }
        if (tunnel) {
            takeRaw(in, hears);
            return BodyDecoder.Progress.DONE;
        }
        if (!reading) {
            return BodyDecoder.Progress.MORE;
        }
        BodyDecoder.Progress progress = connection.body().decode(in);
        if (progress == BodyDecoder.Progress.DONE && isOpen()) {
            bodyEnded = true;
            hears.bodyEnded(connection.body().takeTrailers());
        }
        return progress;
    }

    private void takeRaw(ByteBuf in, StreamListener hears) {
        if (reading && in.isReadable()) {
            hears.piece(in.readRetainedSlice(in.readableBytes()));
        }
        if (inputEnded && !in.isReadable() && isOpen() && !bodyEnded) {
            bodyEnded = true;
            hears.tunnelEnded();
        }
    }

    private void finish(int code, boolean keep) {
        boolean keeps = keep && connection.discardsRest();
        ConnectionExchange ending = close();
        if (ending != null) {
            ending.streamEnded();
            connection.answered(keeps);
            ending.tellEnd(code);
        }
    }

    private boolean isHead() {
        return head.method().equals("HEAD");
    }

    /// Hands the body's pieces on.
    private final class BodySink implements BodyDecoder.Sink {
        @Override
        public void piece(ByteBuf bytes) {
            StreamListener hears = listener;
            if (hears == null) {
                bytes.release();
            } else {
                hears.piece(bytes);
            }
        }

        @Override
        public boolean isReady() {
            return reading;
        }

        @Override
        public ByteBufAllocator allocator() {
            return connection.allocator();
        }
    }
}
