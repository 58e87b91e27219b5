package io.mimicore.dataplane.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.http.Exchange;
import io.mimicore.dataplane.http.RequestHandler;
import io.mimicore.dataplane.http.StaticAnswer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The limits of time of a connection, by the channel's own clock.
class ConnectionTimeoutTest {
    private static final Duration MILLISECOND = Duration.ofMillis(1);
    private static final String REQUEST = "GET / HTTP/1.1\r\nHost: t\r\n\r\n";
    private static final StaticAnswer ANSWER =
            new StaticAnswer(200, List.of("Content-Type", "text/plain"), new byte[] {'x'});

    /// Statuses of requests without a handler, and of those that a handler has heard the end of.
    private final List<Integer> refused = new ArrayList<>();

    private final List<Integer> ended = new ArrayList<>();
    private EmbeddedChannel channel;

    @BeforeEach
    void connect() {
        channel = new EmbeddedChannel();
        channel.freezeTime();
        channel.pipeline().addLast(new HttpConnection(new Server(), 1)).fireChannelActive();
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void silence_afterConnecting_isClosedWithTheTimeForAHead() {
        pass(Duration.ofSeconds(10).minus(MILLISECOND));
        assertThat(channel.isOpen()).isTrue();

        pass(MILLISECOND);
        assertThat(channel.isOpen()).isFalse();
        assertThat(sent()).isEmpty();
        assertThat(refused).isEmpty();
    }

    @Test
    void head_thatDripsFor10Seconds_is408WhateverStillComes() {
        for (int i = 0; i < 9; i++) {
            receive(REQUEST.substring(i, i + 1));
            pass(Duration.ofSeconds(1));
        }
        pass(Duration.ofSeconds(1).minus(MILLISECOND));
        assertThat(sent()).isEmpty();
        assertThat(channel.isOpen()).isTrue();

        pass(MILLISECOND);
        assertThat(sent())
                .startsWith("HTTP/1.1 408 ")
                .contains("Connection: close")
                .contains("urn:mimicore:problem:request-timeout");
        assertThat(channel.isOpen()).isFalse();
        assertThat(refused).containsExactly(408);
    }

    @Test
    void head_thatEndsJustInTime_isAnswered() {
        receive(REQUEST.substring(0, 5));
        pass(Duration.ofSeconds(10).minus(MILLISECOND));
        receive(REQUEST.substring(5));

        assertThat(sent()).startsWith("HTTP/1.1 200 ");
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void connection_idleBetweenRequests_isClosedAfter5Minutes() {
        receive(REQUEST);
        pass(Duration.ofMinutes(5).minus(MILLISECOND));
        receive(REQUEST);
        assertThat(sent()).contains("HTTP/1.1 200 ").doesNotContain("408");

        pass(Duration.ofMinutes(5).minus(MILLISECOND));
        assertThat(channel.isOpen()).isTrue();
        pass(MILLISECOND);
        assertThat(channel.isOpen()).isFalse();
        assertThat(sent()).isEmpty();
    }

    @Test
    void head_thatBeginsOnAnIdleConnection_has10SecondsAgain() {
        receive(REQUEST);
        sent();
        pass(Duration.ofMinutes(4));
        receive("GET");
        pass(Duration.ofSeconds(10));

        assertThat(sent()).startsWith("HTTP/1.1 408 ");
        assertThat(refused).containsExactly(408);
    }

    @Test
    void body_thatStopsFor30Seconds_is408() {
        receive("POST /body HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\n");
        pass(Duration.ofSeconds(29));
        receive("a");
        pass(Duration.ofSeconds(30).minus(MILLISECOND));
        assertThat(sent()).isEmpty();

        pass(MILLISECOND);
        assertThat(sent())
                .startsWith("HTTP/1.1 408 ")
                .contains("urn:mimicore:problem:request-timeout");
        assertThat(channel.isOpen()).isFalse();
        // Told once: whoever counts requests would count it twice otherwise.
        assertThat(ended).containsExactly(408);
        assertThat(refused).isEmpty();
    }

    private void receive(String bytes) {
        channel.writeInbound(Unpooled.copiedBuffer(bytes, ISO_8859_1));
    }

    private void pass(Duration time) {
        channel.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
        channel.runScheduledPendingTasks();
        channel.runPendingTasks();
    }

    /// What has been sent since it was last asked.
    private String sent() {
        StringBuilder text = new StringBuilder();
        for (ByteBuf next = channel.readOutbound(); next != null; next = channel.readOutbound()) {
            text.append(next.toString(ISO_8859_1));
            next.release();
        }
        return text.toString();
    }

    private void answer(Exchange exchange) {
        exchange.onEnd(ended::add);
        if (exchange.path().equals("/body")) {
            exchange.readBody(10, _ -> exchange.answer(ANSWER));
        } else {
            exchange.answer(ANSWER);
        }
    }

    /// A server of this connection alone.
    private final class Server implements HttpServerContext {
        private final DateHeader date = new DateHeader(InstantSource.system());

        @Override
        public TransportLimits limits() {
            return TransportLimits.DEFAULT;
        }

        @Override
        public RequestHandler handler() {
            return ConnectionTimeoutTest.this::answer;
        }

        @Override
        public DateHeader date() {
            return date;
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
        public void connectionClosed(HttpConnection connection) {}

        @Override
        public void refused(Refusal refusal) {}

        @Override
        public void unhandled(Refusal refusal) {
            refused.add(refusal.status());
        }
    }
}
