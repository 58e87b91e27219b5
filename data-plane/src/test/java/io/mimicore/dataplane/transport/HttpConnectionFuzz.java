package io.mimicore.dataplane.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.mimicore.dataplane.http.Exchange;
import io.mimicore.dataplane.http.RequestHandler;
import io.mimicore.fuzzing.SeededInputs;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Any bytes from a client: read as a strict and slow reader does, in whatever pieces they come,
/// and no buffer is left behind.
class HttpConnectionFuzz {
    private static final int BODY_BYTES_MAX = 64;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 ([2-5]\\d\\d) ");

    @FuzzTest(maxDuration = "60m", maxExecutions = 1_000_000)
    void bytes_any_areReadAsAStrictReaderDoes(byte[] bytes) {
        StrictReader.Reading expected = StrictReader.read(bytes, BODY_BYTES_MAX);

        var whole = new Client();
        whole.send(bytes, 0, bytes.length);
        whole.close();
        assertThat(whole.seen).isEqualTo(expected.requests());
        assertThat(whole.statuses()).as(whole.answers.toString()).hasSize(expected.answers());
        assertThat(whole.statuses()).allMatch(status -> status == 200 || status >= 400);

        var pieces = new Client();
        var random = new Random(Arrays.hashCode(bytes));
        for (int at = 0; at < bytes.length; ) {
            int length = Math.min(1 + random.nextInt(9), bytes.length - at);
            pieces.send(bytes, at, length);
            at += length;
        }
        pieces.close();
        assertThat(pieces.seen).isEqualTo(whole.seen);
        assertThat(pieces.statuses()).isEqualTo(whole.statuses());
    }

    @Test
    void bytes_mutatedRequests_areReadAsAStrictReaderDoes() {
        SeededInputs.kept(HttpConnectionFuzz.class, "bytes_any_areReadAsAStrictReaderDoes")
                .tokens(
                        "\r\n",
                        "\r\n\r\n",
                        "\n",
                        "\r",
                        "Content-Length: 3\r\n",
                        "Content-Length: +3\r\n",
                        "Content-Length : 3\r\n",
                        "Transfer-Encoding: chunked\r\n",
                        "Transfer-Encoding: gzip, chunked\r\n",
                        "Transfer-Encoding:\tchunked\r\n",
                        "Expect: 100-continue\r\n",
                        "Connection: close\r\n",
                        "Connection: keep-alive, x\r\n",
                        "Host: t\r\n",
                        " folded\r\n",
                        "HTTP/1.0",
                        "HTTP/1.1",
                        "http://t/",
                        "0\r\n\r\n",
                        "3\r\nabc\r\n",
                        "ffffffff\r\n",
                        "100000000\r\n",
                        ";a=b")
                .feed(7, this::bytes_any_areReadAsAStrictReaderDoes);
    }

    /// One connection on a channel without a network.
    private static final class Client {
        private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
        private final List<StrictReader.Request> seen = new ArrayList<>();
        private final StringBuilder answers = new StringBuilder();
        private final EmbeddedChannel channel = new EmbeddedChannel();

        Client() {
            channel.config().setAllocator(allocator);
            channel.pipeline().addLast(new HttpConnection(new Server(this::handle), 1));
            // A handler that is added to an open channel is not told that it is open.
            channel.pipeline().fireChannelActive();
        }

        void send(byte[] bytes, int from, int length) {
            if (!channel.isOpen()) {
                return;
            }
            channel.writeInbound(allocator.heapBuffer(length).writeBytes(bytes, from, length));
            drain();
        }

        void close() {
            drain();
            channel.finishAndReleaseAll();
            channel.checkException();
            assertThat(allocator.metric().usedHeapMemory()).as("bytes not released").isZero();
            assertThat(allocator.metric().usedDirectMemory()).as("bytes not released").isZero();
        }

        List<Integer> statuses() {
            List<Integer> statuses = new ArrayList<>();
            Matcher matcher = STATUS.matcher(answers);
            while (matcher.find()) {
                statuses.add(Integer.parseInt(matcher.group(1)));
            }
            return statuses;
        }

        private void handle(Exchange exchange) {
            String query = exchange.query().isEmpty() ? "" : "?" + exchange.query();
            exchange.readBody(
                    BODY_BYTES_MAX,
                    body -> {
                        seen.add(
                                new StrictReader.Request(
                                        exchange.method(),
                                        exchange.path() + query,
                                        new String(body, ISO_8859_1)));
                        exchange.answer(200).send();
                    });
        }

        private void drain() {
            channel.runPendingTasks();
            for (Object sent = channel.readOutbound();
                    sent != null;
                    sent = channel.readOutbound()) {
                ByteBuf bytes = (ByteBuf) sent;
                answers.append(bytes.toString(ISO_8859_1));
                bytes.release();
            }
        }
    }

    /// A server without a listener.
    private record Server(RequestHandler handler) implements HttpServerContext {
        private static final DateHeader DATE = new DateHeader(InstantSource.system());

        @Override
        public TransportLimits limits() {
            return TransportLimits.DEFAULT;
        }

        @Override
        public DateHeader date() {
            return DATE;
        }

        @Override
        public long nanoTime() {
            return 0;
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
        public void connectionClosed(HttpConnection connection) {
            // Nobody counts.
        }

        @Override
        public void unhandled(Refusal refusal) {}

        @Override
        public void refused(Refusal refusal) {
            // Nobody counts.
        }
    }
}
