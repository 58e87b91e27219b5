package io.mimicore.dataplane.upstream;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// Where the body of an HTTP/1.1 response ends (RFC 9112 §6.3), and its bytes as they come.
///
/// Confined to its connection's event loop.
final class BodyFraming {
    private static final int CHUNK_DIGITS_MAX = 8;
    private static final int CHUNK_LINE_BYTES_MAX = 272;

    private enum State {
        LENGTH,
        UNTIL_CLOSE,
        CHUNK_SIZE,
        CHUNK_BODY,
        CHUNK_END,
        TRAILERS,
        DONE
    }

    private final ResponseHeadParser trailerParser = new ResponseHeadParser();
    private State state = State.DONE;
    private long remaining;
    private @Nullable ResponseHead trailers;

    /// Begins the body of a response.
    ///
    /// @param bodiless whether the request was `HEAD`
    void start(ResponseHead head, boolean bodiless) throws MalformedResponseException {
        trailers = null;
        boolean chunked = isChunked(head);
        long length = length(head);
        if (chunked && length >= 0) {
            throw new MalformedResponseException(
                    "both Content-Length and Transfer-Encoding are there");
        }
        if (bodiless || head.status() == 204 || head.status() == 304) {
            state = State.DONE;
        } else if (chunked) {
            state = State.CHUNK_SIZE;
        } else if (length >= 0) {
            remaining = length;
            state = length == 0 ? State.DONE : State.LENGTH;
        } else {
            state = State.UNTIL_CLOSE;
        }
    }

    boolean isDone() {
        return state == State.DONE;
    }

    /// Whether the end of the connection is the end of the body.
    boolean endsWithConnection() {
        return state == State.UNTIL_CLOSE;
    }

    /// The trailers, once the body is done; `null`: it had none.
    @Nullable ResponseHead trailers() {
        return trailers;
    }

    /// The next piece of the body; `null`: more bytes are needed, or it is done.
    ///
    /// @return owned by the caller, a part of `in`
    @Nullable ByteBuf next(ByteBuf in) throws MalformedResponseException {
        while (true) {
            switch (state) {
                case DONE -> {
                    return null;
                }
                case UNTIL_CLOSE -> {
                    return in.isReadable() ? in.readRetainedSlice(in.readableBytes()) : null;
                }
                case LENGTH -> {
                    return piece(in, State.DONE);
                }
                case CHUNK_BODY -> {
                    return piece(in, State.CHUNK_END);
                }
                case CHUNK_SIZE -> {
                    if (!readChunkSize(in)) {
                        return null;
                    }
                    state = remaining == 0 ? State.TRAILERS : State.CHUNK_BODY;
                }
                case CHUNK_END -> {
                    if (in.readableBytes() < 2) {
                        return null;
                    }
                    if (in.readByte() != '\r' || in.readByte() != '\n') {
                        throw new MalformedResponseException("a chunk is longer than its size");
                    }
                    state = State.CHUNK_SIZE;
                }
                case TRAILERS -> {
                    ResponseHead read = trailerParser.readTrailers(in);
                    if (read == null) {
                        return null;
                    }
                    trailers = read.count() == 0 ? null : read;
                    state = State.DONE;
                }
            }
        }
    }

    private @Nullable ByteBuf piece(ByteBuf in, State after) {
        int length = (int) Math.min(remaining, in.readableBytes());
        if (length == 0) {
            return null;
        }
        remaining -= length;
        if (remaining == 0) {
            state = after;
        }
        return in.readRetainedSlice(length);
    }

    private boolean readChunkSize(ByteBuf in) throws MalformedResponseException {
        int lf = in.indexOf(in.readerIndex(), in.writerIndex(), (byte) '\n');
        int length = (lf < 0 ? in.writerIndex() : lf + 1) - in.readerIndex();
        if (length > CHUNK_LINE_BYTES_MAX) {
            throw new MalformedResponseException("a chunk's size line is too long");
        }
        if (lf < 0) {
            return false;
        }
        int end = lf - 1;
        if (end < in.readerIndex() || in.getByte(end) != '\r') {
            throw new MalformedResponseException("a line ends in LF without its CR");
        }
        int at = in.readerIndex();
        long size = 0;
        while (at < end && Character.digit(in.getByte(at), 16) >= 0) {
            size = 16 * size + Character.digit(in.getByte(at), 16);
            at++;
            if (at - in.readerIndex() > CHUNK_DIGITS_MAX) {
                throw new MalformedResponseException("a chunk's size has too many digits");
            }
        }
        if (at == in.readerIndex() || (at < end && in.getByte(at) != ';')) {
            throw new MalformedResponseException("a chunk's size is not hexadecimal");
        }
        for (int i = at; i < end; i++) {
            byte b = in.getByte(i);
            if ((b >= 0 && b < ' ' && b != '\t') || b == 0x7f) {
                throw new MalformedResponseException("a chunk's extension has control characters");
            }
        }
        in.readerIndex(lf + 1);
        remaining = size;
        return true;
    }

    private static boolean isChunked(ResponseHead head) throws MalformedResponseException {
        boolean chunked = false;
        for (int i = 0; i < head.count(); i++) {
            if (head.isNamed(i, "transfer-encoding")) {
                if (chunked || head.isHttp10() || !head.value(i).equalsIgnoreCase("chunked")) {
                    throw new MalformedResponseException(
                            "Transfer-Encoding is not chunked, once, on HTTP/1.1");
                }
                chunked = true;
            }
        }
        return chunked;
    }

    /// The announced length; -1: none.
    private static long length(ResponseHead head) throws MalformedResponseException {
        long length = -1;
        for (int i = 0; i < head.count(); i++) {
            if (head.isNamed(i, "content-length")) {
                long digits = length < 0 ? head.number(i) : -1;
                if (digits < 0) {
                    throw new MalformedResponseException("Content-Length is not digits, once");
                }
                length = digits;
            }
        }
        return length;
    }
}
