package io.mimicore.dataplane.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.mimicore.dataplane.http.Answer;
import io.mimicore.dataplane.http.ByteSink;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;

/// One answer while it is written. Owns its buffers until [#send] or [#abort].
final class AnswerWriter implements Answer {
    private static final byte[] CONTENT_LENGTH = "Content-Length: ".getBytes(US_ASCII);
    private static final byte[] CRLF = {'\r', '\n'};
    private static final int HEAD_BYTES = 256;
    private static final int BODY_BYTES = 1024;

    private final ConnectionExchange exchange;
    private final ByteBufAllocator allocator;
    private final int status;
    private final ByteBuf fields;
    private @Nullable ByteBuf body;
    private boolean ended;

    AnswerWriter(ConnectionExchange exchange, ByteBufAllocator allocator, int status) {
        this.exchange = exchange;
        this.allocator = allocator;
        this.status = status;
        this.fields = allocator.buffer(HEAD_BYTES);
    }

    @Override
    public Answer header(String name, String value) {
        if (!ended) {
            ByteBufUtil.writeAscii(fields, name);
            fields.writeByte(':').writeByte(' ');
            // Field values are Latin-1 at most (RFC 9110 §5.5); what is beyond goes out as UTF-8.
            ByteBufUtil.writeUtf8(fields, value);
            fields.writeBytes(CRLF);
        }
        return this;
    }

    @Override
    public ByteSink body() {
        if (body == null) {
            body = allocator.buffer(BODY_BYTES);
        }
        return new ByteBufSink(body);
    }

    @Override
    public void send() {
        if (ended) {
            return;
        }
        ended = true;
        ByteBuf content = body;
        body = null;
        exchange.finish(status, fields, content);
    }

    @Override
    public void abort() {
        if (ended) {
            return;
        }
        release();
        exchange.answerAborted();
    }

    /// Frees the buffers of an answer that will never be sent.
    void release() {
        if (!ended) {
            ended = true;
            fields.release();
            if (body != null) {
                body.release();
                body = null;
            }
        }
    }

    static void writeLength(ByteBuf out, long length) {
        out.writeBytes(CONTENT_LENGTH);
        writeDecimal(out, length);
        out.writeBytes(CRLF);
    }

    private static void writeDecimal(ByteBuf out, long value) {
        long divisor = 1;
        while (value / divisor >= 10) {
            divisor *= 10;
        }
        for (; divisor > 0; divisor /= 10) {
            out.writeByte('0' + (int) (value / divisor % 10));
        }
    }
}
