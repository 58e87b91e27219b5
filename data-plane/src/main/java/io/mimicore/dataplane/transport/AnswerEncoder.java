package io.mimicore.dataplane.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.dataplane.http.StaticAnswer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import org.jspecify.annotations.Nullable;

/// Puts answers on the wire: small ones are collected in one buffer for each flush, large bodies go
/// as they are. Owns what it has not flushed. Confined to the event loop.
// Netty tells failures through the channel: a failed write or close ends in channelInactive.
@SuppressWarnings("FutureReturnValueIgnored")
final class AnswerEncoder {
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(US_ASCII);
    private static final byte[] CLOSE = "Connection: close\r\n".getBytes(US_ASCII);
    private static final byte[] KEEP_ALIVE = "Connection: keep-alive\r\n".getBytes(US_ASCII);
    private static final byte[] REQUEST_ID = "X-Request-Id: ".getBytes(US_ASCII);
    private static final byte[] CRLF = {'\r', '\n'};
    private static final byte[] TRANSFER_CHUNKED =
            "Transfer-Encoding: chunked\r\n".getBytes(US_ASCII);
    private static final byte[] LAST_CHUNK = "0\r\n".getBytes(US_ASCII);
    private static final byte[] HEX = "0123456789abcdef".getBytes(US_ASCII);

    /// Framing of an answer whose body is sent in chunks.
    static final long CHUNKED = -3;

    /// A piece up to this size is copied behind what is collected: that is cheaper than one more
    /// element of a gathering write.
    private static final int COPIED_PIECE_BYTES_MAX = 1024;

    private static final int COLLECTED_BYTES = 2 * 1024;
    private static final int COPIED_BODY_BYTES_MAX = 16 * 1024;
    private static final int FLUSH_BYTES = 64 * 1024;

    /// What the transport adds to an answer.
    ///
    /// @param requestId the id that somebody has seen already; absent: the connection's current
    record Envelope(
            RequestHead head, boolean keepAlive, RequestIds ids, @Nullable String requestId) {}

    private final DateHeader date;
    private @Nullable ByteBuf out;

    AnswerEncoder(DateHeader date) {
        this.date = date;
    }

    void writeStatic(ChannelHandlerContext context, Envelope envelope, StaticAnswer answer) {
        ByteBuf buffer = collected(context.alloc());
        buffer.writeBytes(StatusLine.of(answer.status()));
        buffer.writeBytes(answer.head());
        int length = answer.body().length;
        endHead(buffer, envelope, answer.status(), length);
        if (length > 0 && sendsBody(envelope, answer.status())) {
            buffer.writeBytes(answer.body());
        }
        flushIfLarge(context, buffer);
    }

    /// Takes ownership of `fields` and `body`.
    void write(
            ChannelHandlerContext context,
            Envelope envelope,
            int status,
            ByteBuf fields,
            @Nullable ByteBuf body) {
        ByteBuf buffer = collected(context.alloc());
        buffer.writeBytes(StatusLine.of(status));
        buffer.writeBytes(fields);
        fields.release();
        int length = body == null ? 0 : body.readableBytes();
        endHead(buffer, envelope, status, length);
        if (body == null) {
            return;
        }
        if (!sendsBody(envelope, status)) {
            body.release();
        } else if (length <= COPIED_BODY_BYTES_MAX) {
            buffer.writeBytes(body);
            body.release();
            flushIfLarge(context, buffer);
        } else {
            writeCollected(context);
            context.write(body, context.voidPromise());
        }
    }

    void writeRefusal(ChannelHandlerContext context, RequestIds ids, Refusal refusal) {
        byte[] body =
                ("{\"type\":\"urn:mimicore:problem:"
                                + refusal.code()
                                + "\",\"title\":\""
                                + StatusLine.reason(refusal.status())
                                + "\",\"status\":"
                                + refusal.status()
                                + ",\"detail\":\""
                                + refusal.detail()
                                + "\",\"instance\":\"urn:mimicore:request:"
                                + ids.current()
                                + "\"}")
                        .getBytes(UTF_8);
        ByteBuf buffer = collected(context.alloc());
        buffer.writeBytes(StatusLine.of(refusal.status()));
        buffer.writeBytes("Content-Type: application/problem+json\r\n".getBytes(US_ASCII));
        AnswerWriter.writeLength(buffer, body.length);
        buffer.writeBytes(date.line());
        buffer.writeBytes(REQUEST_ID);
        ids.write(buffer);
        buffer.writeBytes(CRLF).writeBytes(CLOSE).writeBytes(CRLF).writeBytes(body);
    }

    void writeContinue(ByteBufAllocator allocator) {
        collected(allocator).writeBytes(CONTINUE);
    }

    void writeInterim(ByteBufAllocator allocator, int status, ByteBuf fields) {
        collected(allocator).writeBytes(StatusLine.of(status)).writeBytes(fields).writeBytes(CRLF);
    }

    /// Begins the head of a streamed answer; the caller adds header lines.
    ByteBuf beginHead(ByteBufAllocator allocator, int status) {
        return collected(allocator).writeBytes(StatusLine.of(status));
    }

    /// Ends the head that [#beginHead] began.
    ///
    /// @param length of the body, negative: as [HttpStream] and [#CHUNKED] say
    void endHead(Envelope envelope, long length, boolean dated) {
        ByteBuf buffer = begun();
        if (length == CHUNKED) {
            buffer.writeBytes(TRANSFER_CHUNKED);
        } else if (length >= 0) {
            AnswerWriter.writeLength(buffer, length);
        }
        if (!dated) {
            buffer.writeBytes(date.line());
        }
        endFields(buffer, envelope);
    }

    /// Ends the head of an answer that switches protocols.
    void endUpgrade(Envelope envelope) {
        ByteBuf buffer = begun();
        buffer.writeBytes(REQUEST_ID);
        writeRequestId(buffer, envelope);
        buffer.writeBytes(CRLF).writeBytes(CRLF);
    }

    /// Takes ownership of the piece.
    void writePiece(ChannelHandlerContext context, ByteBuf piece) {
        if (piece.readableBytes() <= COPIED_PIECE_BYTES_MAX) {
            ByteBuf buffer = collected(context.alloc()).writeBytes(piece);
            piece.release();
            flushIfLarge(context, buffer);
        } else {
            writeCollected(context);
            context.write(piece, context.voidPromise());
        }
    }

    /// Takes ownership of the piece, which is not empty.
    void writeChunk(ChannelHandlerContext context, ByteBuf piece) {
        ByteBuf buffer = collected(context.alloc());
        int size = piece.readableBytes();
        for (int shift = (31 - Integer.numberOfLeadingZeros(size)) & ~3; shift >= 0; shift -= 4) {
            buffer.writeByte(HEX[size >>> shift & 0xf]);
        }
        buffer.writeBytes(CRLF);
        writePiece(context, piece);
        collected(context.alloc()).writeBytes(CRLF);
    }

    void writeLastChunk(ByteBufAllocator allocator, @Nullable ByteBuf trailers) {
        ByteBuf buffer = collected(allocator).writeBytes(LAST_CHUNK);
        if (trailers != null) {
            buffer.writeBytes(trailers);
        }
        buffer.writeBytes(CRLF);
    }

    void flush(ChannelHandlerContext context) {
        writeCollected(context);
        context.flush();
    }

    /// Sends FIN behind everything written; closes where a half-closed connection cannot be had.
    ///
    /// @param sent runs on the event loop once everything and the FIN have been handed to the
    ///   kernel
    void shutdownOutput(ChannelHandlerContext context, Runnable sent) {
        if (context.channel() instanceof DuplexChannel duplex) {
            // Behind the flushed answers: the write of nothing completes after them.
            context.writeAndFlush(context.alloc().buffer(0))
                    .addListener(_ -> duplex.shutdownOutput().addListener(_ -> sent.run()));
        } else {
            context.writeAndFlush(context.alloc().buffer(0))
                    .addListener(ChannelFutureListener.CLOSE);
        }
    }

    void release() {
        if (out != null) {
            out.release();
            out = null;
        }
    }

    private void endHead(ByteBuf buffer, Envelope envelope, int status, int length) {
        if (status != 204 && status != 304) {
            AnswerWriter.writeLength(buffer, length);
        }
        buffer.writeBytes(date.line());
        endFields(buffer, envelope);
    }

    private static void endFields(ByteBuf buffer, Envelope envelope) {
        buffer.writeBytes(REQUEST_ID);
        writeRequestId(buffer, envelope);
        buffer.writeBytes(CRLF);
        if (!envelope.keepAlive()) {
            buffer.writeBytes(CLOSE);
        } else if (envelope.head().http10) {
            buffer.writeBytes(KEEP_ALIVE);
        }
        buffer.writeBytes(CRLF);
    }

    static void writeRequestId(ByteBuf buffer, Envelope envelope) {
        if (envelope.requestId() != null) {
            buffer.writeCharSequence(envelope.requestId(), US_ASCII);
            return;
        }
        RequestHead head = envelope.head();
        int own = RequestIdHeader.indexIn(head);
        if (own < 0) {
            envelope.ids().write(buffer);
        } else {
            int from = head.valueStart[own];
            buffer.writeBytes(head.bytes, from, head.valueEnd[own] - from);
        }
    }

    private static boolean sendsBody(Envelope envelope, int status) {
        return status != 204 && status != 304 && !envelope.head().method().equals("HEAD");
    }

    private ByteBuf collected(ByteBufAllocator allocator) {
        ByteBuf buffer = out;
        if (buffer == null) {
            buffer = allocator.buffer(COLLECTED_BYTES);
            out = buffer;
        }
        return buffer;
    }

    private ByteBuf begun() {
        if (out == null) {
            throw new IllegalStateException("head: none (expected: one that was begun)");
        }
        return out;
    }

    private void flushIfLarge(ChannelHandlerContext context, ByteBuf buffer) {
        if (buffer.readableBytes() > FLUSH_BYTES) {
            flush(context);
        }
    }

    private void writeCollected(ChannelHandlerContext context) {
        ByteBuf buffer = out;
        if (buffer != null) {
            out = null;
            context.write(buffer, context.voidPromise());
        }
    }
}
