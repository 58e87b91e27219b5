package io.mimicore.dataplane.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Takes one request's body off the connection (RFC 9112 §6.3, §7.1), kept up to a limit, passed on
/// piece by piece, or thrown away.
///
/// Memory follows what has arrived, not what was announced. Confined to the event loop.
final class BodyDecoder {
    private static final byte[] EMPTY = {};
    private static final int FIRST_BYTES = 8 * 1024;
    private static final int CHUNK_SIZE_DIGITS_MAX = 8;
    private static final int CHUNK_EXTENSION_BYTES_MAX = 256;
    private static final int TRAILER_BYTES_MAX = 8 * 1024;

    /// How far [#decode] came.
    enum Progress {
        /// More bytes are needed.
        MORE,
        /// The body is complete.
        DONE,
        /// The body is larger than the limit.
        TOO_LARGE,
        /// The chunked coding is broken; [#wrong] says how.
        MALFORMED
    }

    /// Takes a body that is passed on.
    interface Sink {
        /// A piece of the body; owned by the sink.
        void piece(ByteBuf bytes);

        /// Whether the next piece may come now.
        boolean isReady();

        /// Where trailers are kept.
        ByteBufAllocator allocator();
    }

    private enum State {
        LENGTH,
        CHUNK_SIZE,
        CHUNK_BODY,
        CHUNK_END,
        TRAILER,
        DONE
    }

    private State state = State.DONE;
    private long remaining;
    private long bytesMax;
    private boolean keep;
    private byte[] body = EMPTY;
    private int size;
    private int trailerBytes;
    private String wrong = "";
    private @Nullable Sink sink;
    private @Nullable ByteBuf trailers;

    /// Begins a body.
    void start(RequestHead head) {
        body = EMPTY;
        size = 0;
        trailerBytes = 0;
        stopPassing();
        keep = false;
        bytesMax = Long.MAX_VALUE;
        if (head.chunked) {
            state = State.CHUNK_SIZE;
            remaining = 0;
        } else if (head.contentLength > 0) {
            state = State.LENGTH;
            remaining = head.contentLength;
        } else {
            state = State.DONE;
        }
    }

    /// Keeps what follows, up to `max` bytes; without it the body is thrown away.
    void keep(long max) {
        keep = true;
        bytesMax = max;
    }

    /// Passes on what follows, as it comes.
    void pass(Sink to) {
        sink = to;
    }

    /// From now on the body is thrown away.
    void stopPassing() {
        sink = null;
        if (trailers != null) {
            trailers.release();
            trailers = null;
        }
    }

    /// The trailer lines of a body that was passed on; the caller owns them. `null`: there are
    /// none.
    @Nullable ByteBuf takeTrailers() {
        ByteBuf taken = trailers;
        trailers = null;
        return taken;
    }

    boolean isDone() {
        return state == State.DONE;
    }

    /// Whether it is certain already that the body is larger than `max`.
    boolean announcesMoreThan(long max) {
        return state == State.LENGTH && size + remaining > max;
    }

    /// Bytes of the body that are known to come; at least this many.
    long remaining() {
        return state == State.DONE ? 0 : remaining;
    }

    String wrong() {
        return wrong;
    }

    /// The complete body; the caller owns it.
    byte[] take() {
        byte[] whole = size == body.length ? body : Arrays.copyOf(body, size);
        body = EMPTY;
        size = 0;
        return whole;
    }

    Progress decode(ByteBuf in) {
        while (true) {
            switch (state) {
                case DONE -> {
                    return Progress.DONE;
                }
                case LENGTH -> {
                    if (over()) {
                        return Progress.TOO_LARGE;
                    }
                    if (!copy(in)) {
                        return over() ? Progress.TOO_LARGE : Progress.MORE;
                    }
                    state = State.DONE;
                }
                case CHUNK_SIZE -> {
                    Progress progress = readChunkSize(in);
                    if (progress != Progress.DONE) {
                        return progress;
                    }
                    state = remaining == 0 ? State.TRAILER : State.CHUNK_BODY;
                }
                case CHUNK_BODY -> {
                    if (over()) {
                        return Progress.TOO_LARGE;
                    }
                    if (!copy(in)) {
                        return over() ? Progress.TOO_LARGE : Progress.MORE;
                    }
                    state = State.CHUNK_END;
                }
                case CHUNK_END -> {
                    if (in.readableBytes() < 2) {
                        return Progress.MORE;
                    }
                    if (in.readByte() != '\r' || in.readByte() != '\n') {
                        return malformed("a chunk is longer than its size says");
                    }
                    state = State.CHUNK_SIZE;
                }
                case TRAILER -> {
                    Progress progress = readTrailer(in);
                    if (progress != Progress.DONE) {
                        return progress;
                    }
                    state = State.DONE;
                }
            }
        }
    }

    private boolean over() {
        return keep && size + remaining > bytesMax;
    }

    private boolean copy(ByteBuf in) {
        int count = (int) Math.min(remaining, in.readableBytes());
        Sink to = sink;
        if (to != null) {
            if (count == 0 || !to.isReady()) {
                return false;
            }
            // Before the hand-over: whoever takes the piece may end the body.
            remaining -= count;
            to.piece(in.readRetainedSlice(count));
            return remaining == 0;
        }
        if (keep && size + count <= bytesMax) {
            if (body.length < size + count) {
                long wanted =
                        Math.max(FIRST_BYTES, Math.max(2L * body.length, size + (long) count));
                // The last growth fits a body of known length exactly.
                long whole = state == State.LENGTH ? size + remaining : bytesMax;
                body =
                        Arrays.copyOf(
                                body, (int) Math.min(wanted, Math.max(whole, size + (long) count)));
            }
            in.readBytes(body, size, count);
            size += count;
        } else {
            in.skipBytes(count);
        }
        remaining -= count;
        return remaining == 0;
    }

    private Progress readChunkSize(ByteBuf in) {
        int end = lineEnd(in);
        if (end == -1) {
            return in.readableBytes() > CHUNK_SIZE_DIGITS_MAX + CHUNK_EXTENSION_BYTES_MAX
                    ? malformed("a chunk's size line is too long")
                    : Progress.MORE;
        }
        if (end == -2) {
            return malformed("a chunk's size line ends in LF alone (expected: CR LF)");
        }
        long chunk = 0;
        int digits = 0;
        int at = in.readerIndex();
        while (at < end) {
            int digit = Character.digit(in.getByte(at), 16);
            if (digit < 0) {
                break;
            }
            chunk = chunk * 16 + digit;
            digits++;
            at++;
        }
        if (digits == 0 || digits > CHUNK_SIZE_DIGITS_MAX) {
            return malformed("a chunk's size is not 1 to 8 hex digits");
        }
        if (!isExtension(in, at, end)) {
            return malformed("a chunk's size is followed by what is no extension");
        }
        in.readerIndex(end + 2);
        remaining = chunk;
        return Progress.DONE;
    }

    private static boolean isExtension(ByteBuf in, int from, int to) {
        if (from == to) {
            return true;
        }
        if (in.getByte(from) != ';' || to - from > CHUNK_EXTENSION_BYTES_MAX) {
            return false;
        }
        for (int i = from; i < to; i++) {
            int c = in.getByte(i);
            if ((c >= 0 && c < ' ' && c != '\t') || c == 0x7f) {
                return false;
            }
        }
        return true;
    }

    private Progress readTrailer(ByteBuf in) {
        while (true) {
            int end = lineEnd(in);
            if (end == -1) {
                return trailerBytes + in.readableBytes() > TRAILER_BYTES_MAX
                        ? malformed("the trailers are larger than 8192 bytes")
                        : Progress.MORE;
            }
            if (end == -2) {
                return malformed("a trailer ends in LF alone (expected: CR LF)");
            }
            int length = end - in.readerIndex();
            trailerBytes += length + 2;
            if (trailerBytes > TRAILER_BYTES_MAX) {
                return malformed("the trailers are larger than 8192 bytes");
            }
            if (length > 0 && sink != null) {
                if (!HeadParser.isFieldLine(in, in.readerIndex(), end)) {
                    return malformed("a trailer is not NAME: VALUE");
                }
                if (trailers == null) {
                    trailers = sink.allocator().buffer();
                }
                trailers.writeBytes(in, in.readerIndex(), length + 2);
            }
            in.readerIndex(end + 2);
            if (length == 0) {
                return Progress.DONE;
            }
        }
    }

    /// Index of the CR that ends the line; -1: not there yet, -2: an LF without its CR.
    private static int lineEnd(ByteBuf in) {
        int lf = in.indexOf(in.readerIndex(), in.writerIndex(), (byte) '\n');
        if (lf < 0) {
            return -1;
        }
        return lf == in.readerIndex() || in.getByte(lf - 1) != '\r' ? -2 : lf - 1;
    }

    private Progress malformed(String how) {
        wrong = how;
        return Progress.MALFORMED;
    }
}
