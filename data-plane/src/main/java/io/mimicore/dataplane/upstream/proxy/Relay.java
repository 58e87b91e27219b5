package io.mimicore.dataplane.upstream.proxy;

import io.mimicore.dataplane.call.CallFailure;
import io.mimicore.dataplane.call.ProxyCaller;
import io.mimicore.dataplane.call.UpstreamCaller;
import io.mimicore.dataplane.http.Exchange;
import io.mimicore.dataplane.metrics.CallOutcome;
import io.mimicore.dataplane.trace.TraceContext;
import io.mimicore.dataplane.transport.HttpStream;
import io.mimicore.dataplane.transport.RequestHead;
import io.mimicore.dataplane.transport.StreamListener;
import io.mimicore.dataplane.upstream.HeadWriter;
import io.mimicore.dataplane.upstream.ResponseHead;
import io.mimicore.dataplane.upstream.ResponseListener;
import io.mimicore.dataplane.upstream.UpstreamClient;
import io.mimicore.dataplane.upstream.UpstreamException;
import io.mimicore.dataplane.upstream.UpstreamRequest;
import io.mimicore.dataplane.upstream.UpstreamStream;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One request on its way to an upstream, and its response on the way back.
///
/// Each side is read only while the other takes what is read, so that neither fills the memory.
/// Whatever ends first ends the other: an answer that was cut short is never ended as if it were
/// whole. Confined to the event loop that both connections are on.
final class Relay
        implements StreamListener,
                ResponseListener,
                UpstreamClient.Opened,
                HeadWriter,
                Exchange.EndListener {
    private static final int BAD_GATEWAY = 502;
    private static final int GATEWAY_TIMEOUT = 504;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int CLIENT_GONE = 499;
    private static final int TRAILER_BYTES = 256;

    private final ProxyClient client;
    private final ProxyTarget target;
    private final ProxyCaller.AnswerFields fields;
    private final @Nullable TraceContext span;
    private final ProxyCaller.Completion completion;
    private Exchange exchange;
    private HttpStream stream;
    private long bodyBytes;
    private UpstreamCaller.@Nullable Running running;
    private @Nullable UpstreamStream upstream;
    private CallOutcome outcome = CallOutcome.CANCELLED;
    private int upgrade;

    /// Nothing more of the request's body comes.
    private boolean requestEnded;

    /// Something of the body has been given to the upstream.
    private boolean bodyGiven;

    /// The head of the answer has been begun.
    private boolean answering;

    /// The response is complete, or has failed.
    private boolean responseEnded;

    /// The upstream has ended its side of the tunnel.
    private boolean tunnelEnded;

    private boolean retried;

    /// The exchange is over.
    private boolean over;

    @SuppressWarnings("NullAway.Init") // start() is called next
    Relay(
            ProxyClient client,
            ProxyTarget target,
            ProxyCaller.AnswerFields fields,
            @Nullable TraceContext span,
            ProxyCaller.Completion completion) {
        this.client = client;
        this.target = target;
        this.fields = fields;
        this.span = span;
        this.completion = completion;
    }

    void start(Exchange started) {
        exchange = started;
        exchange.onEnd(this);
        stream = HttpStream.open(exchange, this);
        upgrade = client.scratch().request().upgrade(stream.head());
        requestEnded = stream.isBodyEnded();
        open(false);
        if (!over) {
            expireLater();
        }
    }

    private void open(boolean fresh) {
        RequestHead head = stream.head();
        long length =
                requestEnded
                        ? UpstreamRequest.NO_BODY
                        : head.contentLength() == RequestHead.NO_LENGTH
                                ? UpstreamRequest.UNKNOWN_LENGTH
                                : head.contentLength();
        UpstreamRequest request =
                UpstreamRequest.written(head.method(), length, upgrade >= 0, this);
        UpstreamCaller.Running started =
                client.upstreams().open(target.upstream(), request, this, this, fresh);
        if (!responseEnded) {
            running = started;
        }
    }

    @Override
    public void writeHead(ByteBuf out) {
        client.scratch().request().write(stream, target, upgrade, span, out);
    }

    @Override
    public void opened(UpstreamStream opened) {
        upstream = opened;
        if (!requestEnded) {
            if (stream.head().expectsContinue()) {
                // The upstream is to say whether it wants the body.
                opened.flush();
            }
            stream.reading(true);
        }
    }

    // The client's side.

    @Override
    public void piece(ByteBuf piece) {
        UpstreamStream to = upstream;
        if (over || to == null) {
            piece.release();
            return;
        }
        bodyGiven = true;
        to.pass(piece);
        if (!to.isWritable()) {
            stream.reading(false);
        }
    }

    @Override
    public void bodyEnded(@Nullable ByteBuf trailers) {
        requestEnded = true;
        UpstreamStream to = upstream;
        if (over || to == null) {
            if (trailers != null) {
                trailers.release();
            }
            return;
        }
        to.end(trailers);
        to.flush();
        expireLater();
    }

    @Override
    public void tunnelEnded() {
        requestEnded = true;
        if (upstream != null) {
            upstream.endTunnelOutput();
        }
        endTunnelIfBoth();
    }

    @Override
    public void batchEnded() {
        if (upstream != null) {
            upstream.flush();
        }
        if (!over) {
            expireLater();
        }
    }

    @Override
    public void expired() {
        if (over) {
            return;
        }
        if (stream.isTunnel()) {
            outcome = CallOutcome.OK;
            stream.abort(CLIENT_GONE);
        } else if (waitsForClient()) {
            outcome = CallOutcome.CANCELLED;
            clientTimedOut();
        } else {
            outcome = CallOutcome.TIMEOUT;
            fail(CallFailure.Kind.TIMEOUT, "nothing came for " + seconds() + " s", GATEWAY_TIMEOUT);
        }
    }

    /// The exchange is over, whoever ended it.
    @Override
    public void ended(int status) {
        over = true;
        if (!responseEnded) {
            responseEnded = true;
            UpstreamCaller.Running under = running;
            if (under != null) {
                under.cancel();
            } else if (upstream != null) {
                upstream.cancel();
            }
        }
        if (bodyBytes > 0) {
            exchange.streamed(bodyBytes);
        }
        completion.ended(status, outcome);
    }

    // The upstream's side.

    @Override
    public void interim(ResponseHead head) {
        if (!over) {
            ByteBuf lines = stream.allocator().buffer(TRAILER_BYTES);
            client.scratch().response().writePlain(head, lines);
            stream.interim(head.status(), lines);
            expireLater();
        }
    }

    @Override
    public void head(ResponseHead head) {
        if (over) {
            return;
        }
        answering = true;
        ByteBuf out = stream.answer(head.status());
        ResponseLines lines = client.scratch().response();
        if (head.status() == 101) {
            lines.writeUpgrade(head, fields, out);
            requestEnded = false;
            stream.tunnel();
            stream.reading(true);
        } else {
            lines.write(head, fields, out);
            boolean none = head.status() == 304 && lines.length() == HttpStream.UNKNOWN_LENGTH;
            stream.headEnded(none ? HttpStream.NO_BODY : lines.length(), lines.dated());
        }
    }

    @Override
    public void body(ByteBuf piece) {
        if (over) {
            piece.release();
            return;
        }
        bodyBytes += piece.readableBytes();
        stream.write(piece);
        if (!stream.isWritable() && upstream != null) {
            upstream.reading(false);
        }
    }

    @Override
    public void readCompleted() {
        if (!over) {
            stream.flush();
            expireLater();
        }
    }

    @Override
    public void outputEnded() {
        tunnelEnded = true;
        if (!over) {
            stream.endTunnelOutput();
            endTunnelIfBoth();
        }
    }

    @Override
    public void end(@Nullable ResponseHead trailers) {
        responseEnded = true;
        if (over) {
            return;
        }
        outcome = CallOutcome.OK;
        over = true;
        if (trailers == null) {
            stream.end(null);
        } else {
            ByteBuf lines = stream.allocator().buffer(TRAILER_BYTES);
            client.scratch().response().writePlain(trailers, lines);
            stream.end(lines);
        }
    }

    @Override
    public void failed(UpstreamException failure) {
        if (over) {
            return;
        }
        if (mayRetry(failure)) {
            retried = true;
            upstream = null;
            running = null;
            open(true);
            return;
        }
        responseEnded = true;
        outcome = outcomeOf(failure.kind());
        int status = failure.kind() == CallFailure.Kind.TIMEOUT ? GATEWAY_TIMEOUT : BAD_GATEWAY;
        fail(failure.kind(), failure.text(), status);
    }

    /// Either side takes more again.
    @Override
    public void writabilityChanged() {
        if (over) {
            return;
        }
        UpstreamStream to = upstream;
        if (to != null) {
            to.reading(stream.isWritable());
            if (!requestEnded) {
                stream.reading(to.isWritable());
            }
        }
        expireLater();
    }

    /// Once, when an old connection died under a request that may be made twice and of whose body
    /// nothing is gone (RFC 9110 §9.2.2, RFC 9112 §9.3.1).
    private boolean mayRetry(UpstreamException failure) {
        return failure.mayRepeat()
                && !answering
                && !bodyGiven
                && !retried
                && upgrade < 0
                && isIdempotent(stream.head().method());
    }

    private static boolean isIdempotent(String method) {
        return switch (method) {
            case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE" -> true;
            default -> false;
        };
    }

    /// Ends without a whole response: with a problem, or by breaking the answer off.
    private void fail(CallFailure.Kind kind, String message, int status) {
        if (answering) {
            over = true;
            stream.abort(status);
            return;
        }
        cancelUpstream();
        stream.giveUp();
        completion.failed(new CallFailure(kind, target.name() + ": " + message));
    }

    private static CallOutcome outcomeOf(CallFailure.Kind kind) {
        return switch (kind) {
            case CONNECT -> CallOutcome.CONNECT;
            case TIMEOUT -> CallOutcome.TIMEOUT;
            case BUSY -> CallOutcome.BUSY;
            case VALUE, BROKEN, TOO_LARGE, STATUS, BODY -> CallOutcome.BROKEN;
        };
    }

    private void clientTimedOut() {
        if (answering) {
            stream.abort(CLIENT_GONE);
        } else {
            cancelUpstream();
            stream.refuse(REQUEST_TIMEOUT, "request-timeout", "the body did not come in time");
        }
    }

    private void cancelUpstream() {
        if (!responseEnded) {
            responseEnded = true;
            if (running != null) {
                running.cancel();
            }
        }
    }

    private void endTunnelIfBoth() {
        if (requestEnded && tunnelEnded && !over) {
            outcome = CallOutcome.OK;
            over = true;
            stream.end(null);
        }
    }

    /// Whether nothing moves because of the client: it sends no body, or does not read.
    private boolean waitsForClient() {
        UpstreamStream to = upstream;
        if (to == null) {
            return false;
        }
        return answering
                ? !stream.isWritable()
                : !requestEnded && to.isWritable() && !waitsForContinue();
    }

    private boolean waitsForContinue() {
        return stream.head().expectsContinue() && !bodyGiven;
    }

    private void expireLater() {
        stream.expire(wait(client.limits()));
    }

    private Duration wait(ProxyLimits limits) {
        if (stream.isTunnel()) {
            return limits.tunnelTimeout();
        }
        if (!waitsForClient()) {
            return limits.responseTimeout();
        }
        return answering ? limits.readTimeout() : limits.bodyTimeout();
    }

    private long seconds() {
        return client.limits().responseTimeout().toSeconds();
    }
}
