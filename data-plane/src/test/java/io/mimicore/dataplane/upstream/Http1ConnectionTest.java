package io.mimicore.dataplane.upstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.call.HeaderBlock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Responses in any pieces, on a channel without a socket.
class Http1ConnectionTest {
    private final Pool pool = new Pool();
    private Http1Connection connection = new Http1Connection(pool, false);
    private EmbeddedChannel channel = new EmbeddedChannel(connection);
    private final Heard heard = new Heard();

    @AfterEach
    void release() {
        channel.finishAndReleaseAll();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
                "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello",
                "HTTP/1.1 200 \r\ncontent-length:5\r\n\r\nhello",
                "HTTP/1.1 200 OK\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n"
                        + "2\r\n"
                        + "he\r\n"
                        + "3;x=y\r\n"
                        + "llo\r\n"
                        + "0\r\n\r\n",
                "HTTP/1.1 200 OK\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n"
                        + "5\r\n"
                        + "hello\r\n"
                        + "0\r\n"
                        + "X-Sum: 1\r\n\r\n",
                "HTTP/1.1 100 Continue\r\n\r\n"
                        + "HTTP/1.1 103 Hints\r\n"
                        + "Link: x\r\n\r\n"
                        + "HTTP/1.1 200 OK\r\n"
                        + "Content-Length: 5\r\n\r\n"
                        + "hello",
            })
    void response_splitAnywhere_isTheSame(String response) {
        for (int at = 0; at <= response.length(); at++) {
            fresh();
            start(request("GET"));
            receive(response.substring(0, at));
            receive(response.substring(at));
            assertThat(heard.events).as("split at %d", at).last().asString().startsWith("end");
            assertThat(heard.body.toString()).as("split at %d", at).isEqualTo("hello");
            assertThat(heard.events.getFirst()).isEqualTo("head 200");
            assertThat(connection.capacity()).as("split at %d", at).isEqualTo(1);
        }
        fresh();
        start(request("GET"));
        for (int i = 0; i < response.length(); i++) {
            receive(response.substring(i, i + 1));
        }
        assertThat(heard.body.toString()).isEqualTo("hello");
        assertThat(pool.available).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HELLO",
                "\r\n",
                "HTTP/2 200 OK\r\n\r\n",
                "HTTP/1.2 200 OK\r\n\r\n",
                "HTTP/1.1  200 OK\r\n\r\n",
                "HTTP/1.1 20 OK\r\n\r\n",
                "HTTP/1.1 2000 OK\r\n\r\n",
                "HTTP/1.1 600 OK\r\n\r\n",
                "HTTP/1.1 099 OK\r\n\r\n",
                "HTTP/1.1 200 O\0K\r\n\r\n",
                "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
                "HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\n folded\r\n\r\n",
                "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n",
                "HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n",
                "HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n",
                "HTTP/1.1 200 OK\r\n: x\r\n\r\n",
                "HTTP/1.1 200 OK\r\nX\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
                "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello",
                "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello",
                "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
                "HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\nhello",
                "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
                "HTTP/1.1 200 OK\r\n"
                        + "Content-Length: 5\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n"
                        + "5\r\n"
                        + "hello\r\n"
                        + "0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
                "HTTP/1.1 200 OK\r\n"
                        + "Transfer-Encoding: chunked\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZ\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n123456789\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloXX0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nbad trailer\r\n\r\n",
                "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n",
            })
    void response_malformed_failsAndCloses(String response) {
        for (int at = 0; at <= response.length(); at++) {
            fresh();
            start(request("GET"));
            receive(response.substring(0, at));
            receive(response.substring(at));
            assertThat(heard.events).as("split at %d", at).last().asString().startsWith("failed");
            assertThat(channel.isOpen()).isFalse();
            assertThat(pool.closed).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HTTP",
                "HTTP/1.1 200 OK\r\nContent-",
                "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
                "HTTP/1.1 100 Continue\r\n\r\n",
            })
    void connection_closedBeforeTheEnd_failsTheExchange(String received) {
        start(request("GET"));
        receive(received);
        channel.close().syncUninterruptibly();
        assertThat(heard.events).last().asString().startsWith("failed");
        assertThat(pool.closed).isEqualTo(1);
    }

    @Test
    void body_withoutLength_endsWithTheConnection() {
        start(request("GET"));
        receive("HTTP/1.1 200 OK\r\n\r\nhel");
        receive("lo");
        channel.close().syncUninterruptibly();
        assertThat(heard.body.toString()).isEqualTo("hello");
        assertThat(heard.events).last().isEqualTo("end");
        assertThat(pool.available).isZero();
    }

    @Test
    void bodilessResponses_withLengths_endAtOnce() {
        start(request("HEAD"));
        receive("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
        start(request("GET"));
        receive("HTTP/1.1 204 None\r\n\r\n");
        start(request("GET"));
        receive("HTTP/1.1 304 Same\r\nContent-Length: 5\r\n\r\n");
        assertThat(heard.events)
                .containsExactly("head 200", "end", "head 204", "end", "head 304", "end");
        assertThat(pool.available).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 5\r\n\r\nhello",
                "HTTP/1.1 200 OK\r\nConnection: x, close\r\nContent-Length: 5\r\n\r\nhello",
                "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n\r\n",
            })
    void connection_thatMayNotBeUsedAgain_closesAfterTheResponse(String response) {
        start(request("GET"));
        receive(response);
        assertThat(heard.body.toString()).isEqualTo("hello");
        assertThat(heard.events).last().isEqualTo("end");
        assertThat(channel.isOpen()).isFalse();
        assertThat(pool.available).isZero();
    }

    @Test
    void bytes_thatNobodyAskedFor_closeTheConnection() {
        receive("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        assertThat(channel.isOpen()).isFalse();
        assertThat(pool.closed).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 511, 512, 513, 700, 20_000})
    void head_ofManyPieces_isReadWhole(int step) {
        StringBuilder response = new StringBuilder("HTTP/1.1 200 OK\r\nConnection: a ,\tb\r\n");
        for (int i = 0; i < 90; i++) {
            response.append("X-").append(i).append(": ").append("v".repeat(2 * i)).append("\r\n");
        }
        response.append("Content-Length: 5\r\n\r\nhello");
        // Twice, so that nothing is left of the first head for the second.
        for (int turn = 1; turn <= 2; turn++) {
            start(request("GET"));
            for (int at = 0; at < response.length(); at += step) {
                receive(response.substring(at, Math.min(response.length(), at + step)));
            }
            assertThat(heard.events).last().asString().startsWith("end");
            assertThat(heard.body.toString()).isEqualTo("hello".repeat(turn));
            assertThat(pool.available).isEqualTo(turn);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"close", "Close", "keep-alive, close", "close ,x", " x\t, \tclose\t"})
    void connection_thatIsToClose_isFoundInItsList(String options) {
        start(request("GET"));
        receive("HTTP/1.1 200 OK\r\nConnection: " + options + "\r\nContent-Length: 0\r\n\r\n");
        assertThat(heard.events).last().asString().startsWith("end");
        assertThat(pool.available).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "keep-alive", "closed", "clos", ",,", "not-close, disclose"})
    void connection_thatMayStay_isUsedAgain(String options) {
        start(request("GET"));
        receive("HTTP/1.1 200 OK\r\nConnection: " + options + "\r\nContent-Length: 0\r\n\r\n");
        assertThat(pool.available).isEqualTo(1);
    }

    @Test
    void head_largerThanTheLimit_fails() {
        start(request("GET"));
        receive("HTTP/1.1 200 OK\r\nX: " + "x".repeat(UpstreamLimits.HEAD_BYTES_MAX));
        assertThat(heard.events).last().asString().startsWith("failed").contains("larger than");
    }

    @Test
    void head_withTooManyFields_fails() {
        start(request("GET"));
        receive("HTTP/1.1 200 OK\r\n" + "X: x\r\n".repeat(UpstreamLimits.HEADERS_MAX + 1) + "\r\n");
        assertThat(heard.events).last().asString().startsWith("failed").contains("more than 100");
    }

    @Test
    void interimResponses_withoutEnd_fail() {
        start(request("GET"));
        receive("HTTP/1.1 100 Continue\r\n\r\n".repeat(UpstreamLimits.INTERIM_MAX + 1));
        assertThat(heard.events).last().asString().startsWith("failed").contains("interim");
    }

    @Test
    void usedConnection_closedWithoutAByte_hardlyProcessedTheRequest() {
        start(request("GET"));
        receive("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        start(request("GET"));
        channel.close().syncUninterruptibly();
        assertThat(requireNonNull(heard.failure).processed())
                .isEqualTo(UpstreamException.Processed.HARDLY);
    }

    @Test
    void newConnection_closedWithoutAByte_mayHaveProcessedTheRequest() {
        start(request("GET"));
        channel.close().syncUninterruptibly();
        assertThat(requireNonNull(heard.failure).processed())
                .isEqualTo(UpstreamException.Processed.MAYBE);
    }

    @Test
    void request_streamedWithoutLength_isChunked() {
        UpstreamStream stream = start(streamed(UpstreamRequest.UNKNOWN_LENGTH));
        stream.write(bytes("hello"));
        stream.write(bytes(""));
        stream.write(bytes("0123456789abcdef"));
        stream.end();
        assertThat(sent())
                .isEqualTo(
                        "POST /x HTTP/1.1\r\n"
                                + "host: a\r\n"
                                + "x-fixed: 1\r\n"
                                + "transfer-encoding: chunked\r\n\r\n"
                                + "5\r\n"
                                + "hello\r\n"
                                + "10\r\n"
                                + "0123456789abcdef\r\n"
                                + "0\r\n\r\n");
    }

    @Test
    void response_beforeTheRequestIsSent_closesAfterwards() {
        UpstreamStream stream = start(streamed(10));
        stream.write(bytes("half"));
        receive("HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n");
        stream.write(bytes("rest"));
        assertThat(heard.events).containsExactly("head 413", "end");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void upgrade_accepted_isATunnel() {
        UpstreamStream stream =
                start(
                        new UpstreamRequest(
                                "GET",
                                "/x".getBytes(ISO_8859_1),
                                "a".getBytes(ISO_8859_1),
                                HeaderBlock.EMPTY,
                                List.of(),
                                UpstreamRequest.NO_BODY,
                                true));
        sent();
        receive("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nping");
        stream.write(bytes("pong"));
        assertThat(heard.body.toString()).isEqualTo("ping");
        assertThat(sent()).isEqualTo("pong");
        channel.close().syncUninterruptibly();
        assertThat(heard.events).containsExactly("head 101", "end");
    }

    @Test
    void cancel_withinTheResponse_closesAndIsSilent() {
        UpstreamStream stream = start(request("GET"));
        receive("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
        stream.cancel();
        assertThat(channel.isOpen()).isFalse();
        assertThat(heard.events).containsExactly("head 200");
        assertThat(pool.closed).isEqualTo(1);
    }

    private void fresh() {
        channel.finishAndReleaseAll();
        connection = new Http1Connection(pool, false);
        channel = new EmbeddedChannel(connection);
        heard.clear();
        pool.available = 0;
        pool.closed = 0;
    }

    private UpstreamStream start(UpstreamRequest request) {
        return connection.start(request, heard);
    }

    private void receive(String text) {
        if (!text.isEmpty() && channel.isOpen()) {
            channel.writeInbound(bytes(text));
        }
    }

    private String sent() {
        StringBuilder all = new StringBuilder();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            all.append(out.toString(ISO_8859_1));
            out.release();
        }
        return all.toString();
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, ISO_8859_1);
    }

    private static UpstreamRequest request(String method) {
        return new UpstreamRequest(
                method,
                "/x".getBytes(ISO_8859_1),
                "a".getBytes(ISO_8859_1),
                HeaderBlock.EMPTY,
                List.of(),
                UpstreamRequest.NO_BODY,
                false);
    }

    private static UpstreamRequest streamed(long length) {
        return new UpstreamRequest(
                "POST",
                "/x".getBytes(ISO_8859_1),
                "a".getBytes(ISO_8859_1),
                new HeaderBlock.Builder().add("X-Fixed", "1".getBytes(ISO_8859_1)).build(),
                List.of(),
                length,
                false);
    }

    private static final class Pool implements UpstreamConnection.Owner {
        private int available;
        private int closed;

        @Override
        public void available(UpstreamConnection connection) {
            available++;
        }

        @Override
        public void closed(UpstreamConnection connection) {
            closed++;
        }
    }

    private static final class Heard implements ResponseListener {
        private final List<String> events = new ArrayList<>();
        private final StringBuilder body = new StringBuilder();
        private @Nullable UpstreamException failure;

        void clear() {
            events.clear();
            body.setLength(0);
        }

        @Override
        public void head(ResponseHead head) {
            events.add("head " + head.status());
        }

        @Override
        public void body(ByteBuf piece) {
            body.append(piece.toString(ISO_8859_1));
            piece.release();
        }

        @Override
        public void end(@Nullable ResponseHead trailers) {
            events.add(trailers == null ? "end" : "end " + trailers.value("x-sum"));
        }

        @Override
        public void failed(UpstreamException why) {
            failure = why;
            events.add("failed " + why.getMessage());
        }
    }
}
