package io.mimicore.dataplane.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.http.Exchange;
import io.mimicore.dataplane.http.RequestHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Streams on one connection, on a channel without a network.
class HttpStreamTest {
    private static final String CHUNKED_HEAD =
            " HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String CHUNKED_POST =
            "POST /echo" + CHUNKED_HEAD + "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nSum: 1\r\n\r\n";

    private final List<Integer> ended = new ArrayList<>();
    private final List<Echo> echoes = new ArrayList<>();
    private EmbeddedChannel channel = channel(true);

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void body_splitAtEveryByte_isEchoedWithItsTrailers() {
        String requests =
                CHUNKED_POST
                        + "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n\r\nfour"
                        + "GET /echo HTTP/1.1\r\nHost: t\r\n\r\n";
        byte[] bytes = requests.getBytes(ISO_8859_1);
        for (int split = 1; split < bytes.length; split++) {
            EmbeddedChannel fresh = channel(true);
            fresh.writeInbound(Unpooled.copiedBuffer(bytes, 0, split));
            fresh.writeInbound(Unpooled.copiedBuffer(bytes, split, bytes.length - split));
            String answers = sent(fresh);
            assertThat(dechunked(answers))
                    .as("split at %d: %s", split, answers)
                    .containsExactly("abcde|Sum: 1", "four|", "|");
            fresh.finishAndReleaseAll();
        }
    }

    @Test
    void body_byteByByte_isEchoed() {
        for (byte b : CHUNKED_POST.getBytes(ISO_8859_1)) {
            channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {b}));
        }
        assertThat(dechunked(sent(channel))).containsExactly("abcde|Sum: 1");
        assertThat(ended).containsExactly(200);
    }

    @Test
    void body_heldBack_staysInTheSocket() {
        channel = channel(false);
        send(channel, "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 6\r\n\r\nabc");
        assertThat(channel.config().isAutoRead()).isFalse();
        assertThat(echoes.getFirst().bytes).isZero();
        echoes.getFirst().stream().reading(true);
        assertThat(channel.config().isAutoRead()).isTrue();
        assertThat(echoes.getFirst().bytes).isEqualTo(3);
        send(channel, "def");
        assertThat(dechunked(sent(channel))).containsExactly("abcdef|");
    }

    @Test
    void answer_ofUnknownLength_isEndedByCloseForHttp10() {
        send(
                channel,
                "POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nab");
        assertThat(sent(channel))
                .contains("\r\nConnection: close\r\n")
                .doesNotContain("chunked")
                .doesNotContain("Content-Length")
                .endsWith("\r\n\r\nab");
        channel.runPendingTasks();
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void answer_toHead_hasItsLengthAndNoBody() {
        send(channel, "HEAD /length HTTP/1.1\r\nHost: t\r\n\r\n");
        assertThat(sent(channel)).contains("\r\nContent-Length: 7\r\n").endsWith("\r\n\r\n");
        assertThat(ended).containsExactly(200);
    }

    @Test
    void interim_isSentBeforeTheAnswer_butNotToHttp10() {
        send(channel, "GET /interim HTTP/1.1\r\nHost: t\r\n\r\n");
        assertThat(sent(channel))
                .startsWith("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n");
        send(channel, "GET /interim HTTP/1.0\r\n\r\n");
        assertThat(sent(channel)).startsWith("HTTP/1.1 200 OK\r\n");
    }

    @Test
    void tunnel_carriesBytesAndEndsOfInput() {
        send(channel, "GET /tunnel HTTP/1.1\r\nHost: t\r\n\r\nearly");
        send(channel, "GET / HTTP/9");
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        assertThat(sent(channel))
                .startsWith("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n")
                .endsWith("\r\n\r\nearlyGET / HTTP/9");
        assertThat(ended).containsExactly(101);
    }

    @Test
    void request_completeBeforeTheClientsFin_isAnswered() {
        send(channel, "GET /later HTTP/1.1\r\nHost: t\r\n\r\n");
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        assertThat(channel.isOpen()).isTrue();
        echoes.getFirst().answerEmpty();
        assertThat(sent(channel)).startsWith("HTTP/1.1 200 OK\r\n").contains("Connection: close");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void request_cutShortByTheClientsFin_ends() {
        send(channel, "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\n\r\nab");
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        assertThat(channel.isOpen()).isFalse();
        assertThat(ended).containsExactly(0);
    }

    @Test
    void body_malformedBeforeTheAnswer_isRefused() {
        send(channel, "POST /later HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n");
        assertThat(sent(channel)).startsWith("HTTP/1.1 400 ");
        assertThat(ended).containsExactly(400);
    }

    @Test
    void trailer_thatIsNoField_isRefused() {
        send(channel, "POST /later" + CHUNKED_HEAD + "0\r\nno field\r\n\r\n");
        assertThat(sent(channel)).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void body_malformedWithinTheAnswer_breaksItOff() {
        send(
                channel,
                "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\nx\r\n");
        assertThat(sent(channel)).startsWith("HTTP/1.1 200 OK\r\n").endsWith("1\r\na\r\n");
        assertThat(channel.isOpen()).isFalse();
        assertThat(ended).containsExactly(400);
    }

    @Test
    void error_beforeTheBodyHasCome_saysClose() {
        send(
                channel,
                "POST /refused HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
        assertThat(sent(channel)).startsWith("HTTP/1.1 403 ").contains("Connection: close");
    }

    private EmbeddedChannel channel(boolean reads) {
        var server = new Server(exchange -> handle(exchange, reads));
        var made = new EmbeddedChannel(new HttpConnection(server, 1));
        return made;
    }

    private void handle(Exchange exchange, boolean reads) {
        exchange.onEnd(ended::add);
        var echo = new Echo();
        echo.stream = HttpStream.open(exchange, echo);
        echoes.add(echo);
        switch (exchange.path()) {
            case "/echo" -> {
                echo.stream.answer(200);
                echo.stream.headEnded(HttpStream.UNKNOWN_LENGTH, false);
                if (!echo.stream.head().hasBody()) {
                    echo.stream.end(null);
                } else if (reads) {
                    echo.stream.reading(true);
                }
            }
            case "/length" -> {
                echo.stream.answer(200);
                echo.stream.headEnded(7, false);
                echo.stream.write(Unpooled.copiedBuffer("1234567", ISO_8859_1));
                echo.stream.end(null);
            }
            case "/interim" -> {
                echo.stream.interim(103, Unpooled.copiedBuffer("Link: x\r\n", ISO_8859_1));
                echo.answerEmpty();
            }
            case "/tunnel" -> {
                echo.stream.answer(101).writeCharSequence("Upgrade: x\r\n", ISO_8859_1);
                echo.stream.tunnel();
                echo.stream.reading(true);
            }
            case "/refused" -> {
                echo.stream.answer(403);
                echo.stream.headEnded(0, false);
                echo.stream.end(null);
            }
            default -> echo.stream.reading(true);
        }
    }

    private static void send(EmbeddedChannel to, String text) {
        to.writeInbound(Unpooled.copiedBuffer(text, ISO_8859_1));
    }

    private static String sent(EmbeddedChannel from) {
        from.runPendingTasks();
        StringBuilder all = new StringBuilder();
        for (ByteBuf bytes = from.readOutbound(); bytes != null; bytes = from.readOutbound()) {
            all.append(bytes.toString(ISO_8859_1));
            bytes.release();
        }
        return all.toString();
    }

    /// The answers' bodies, each with its trailers behind a bar.
    private static List<String> dechunked(String answers) {
        List<String> bodies = new ArrayList<>();
        int at = 0;
        while (at < answers.length()) {
            assertThat(answers.startsWith("HTTP/1.1 200 OK\r\n", at)).as(answers).isTrue();
            at = answers.indexOf("\r\n\r\n", at) + 4;
            StringBuilder body = new StringBuilder();
            while (true) {
                int line = answers.indexOf("\r\n", at);
                int size = Integer.parseInt(answers.substring(at, line), 16);
                if (size == 0) {
                    int end = answers.indexOf("\r\n\r\n", at);
                    String trailers = line + 2 < end ? answers.substring(line + 2, end) : "";
                    bodies.add(body + "|" + trailers);
                    at = end + 4;
                    break;
                }
                body.append(answers, line + 2, line + 2 + size);
                at = line + 2 + size + 2;
            }
        }
        return bodies;
    }

    /// Sends back what comes.
    private static final class Echo implements StreamListener {
        @SuppressWarnings("NullAway.Init") // set when it is opened
        private HttpStream stream;

        private int bytes;

        HttpStream stream() {
            return stream;
        }

        void answerEmpty() {
            stream.answer(200);
            stream.headEnded(0, false);
            stream.end(null);
        }

        @Override
        public void piece(ByteBuf piece) {
            bytes += piece.readableBytes();
            stream.write(piece);
            stream.flush();
        }

        @Override
        public void bodyEnded(@Nullable ByteBuf trailers) {
            stream.end(trailers);
        }

        @Override
        public void batchEnded() {}

        @Override
        public void tunnelEnded() {
            stream.end(null);
        }

        @Override
        public void writabilityChanged() {}

        @Override
        public void expired() {
            stream.abort(504);
        }
    }

    private record Server(RequestHandler handler) implements HttpServerContext {
        @Override
        public TransportLimits limits() {
            return TransportLimits.DEFAULT;
        }

        @Override
        public DateHeader date() {
            return new DateHeader(InstantSource.system());
        }

        @Override
        public long nanoTime() {
            return TimeUnit.SECONDS.toNanos(1);
        }

        @Override
        public boolean isDraining() {
            return false;
        }

        @Override
        public boolean connectionOpened(HttpConnection connection) {
            return true;
        }

        @Override
        public void connectionClosed(HttpConnection connection) {}

        @Override
        public void refused(Refusal refusal) {}

        @Override
        public void unhandled(Refusal refusal) {}
    }
}
