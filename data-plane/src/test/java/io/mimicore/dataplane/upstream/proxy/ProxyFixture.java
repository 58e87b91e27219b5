package io.mimicore.dataplane.upstream.proxy;

import static java.util.Objects.requireNonNull;

import io.mimicore.dataplane.call.CallFailure;
import io.mimicore.dataplane.call.ProxyCaller;
import io.mimicore.dataplane.http.Exchange;
import io.mimicore.dataplane.metrics.CallOutcome;
import io.mimicore.dataplane.transport.EventLoops;
import io.mimicore.dataplane.transport.HttpServer;
import io.mimicore.dataplane.upstream.UpstreamClient;
import io.mimicore.dataplane.upstream.UpstreamLimits;
import io.mimicore.dataplane.upstream.UpstreamTrust;
import io.mimicore.ir.Serving;
import io.mimicore.testkit.process.ByteConnection;
import io.mimicore.testkit.process.ByteServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// A server that passes everything on to one target, real sockets on both sides, and what became of
/// each exchange.
// Text blocks end lines in LF, HTTP in CR LF; what a test has opened may throw anything in the end.
@SuppressWarnings({"StringConcatToTextBlock", "try"})
final class ProxyFixture implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(20);
    static final String GET = "GET /a?b=c HTTP/1.1\r\nHost: Front:81\r\n\r\n";
    static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    /// Waits that a test can wait for.
    static final ProxyLimits SHORT =
            new ProxyLimits(
                    Duration.ofMillis(400),
                    Duration.ofMillis(400),
                    Duration.ofMillis(400),
                    Duration.ofMillis(400));

    private final List<String> ended = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> opened = new CopyOnWriteArrayList<>();
    private TrustedProxies trusted = TrustedProxies.NONE;
    private @Nullable HttpServer server;

    /// A target behind a path.
    static Serving.ProxyTarget url(int port) {
        return new Serving.ProxyTarget.Upstream("http://127.0.0.1:" + port + "/base/");
    }

    /// How exchanges have ended: status and outcome.
    List<String> ended() {
        return ended;
    }

    /// The port of the server that was started last.
    int port() {
        return requireNonNull(server, "server").address().getPort();
    }

    /// Believes peers of a network, from the next server on.
    void trust(String network) {
        trusted = TrustedProxies.of(List.of(network));
    }

    /// Starts a server in front of a target.
    ///
    /// @return a connection to it
    ByteConnection client(ByteServer target) throws IOException {
        return client(url(target.port()), ProxyLimits.DEFAULT);
    }

    ByteConnection client(ByteServer target, ProxyLimits limits) throws IOException {
        return client(url(target.port()), limits);
    }

    ByteConnection client(Serving.ProxyTarget to, ProxyLimits limits) throws IOException {
        EventLoops loops = open(EventLoops.start("proxy-test", 2));
        UpstreamClient upstreams =
                open(
                        UpstreamClient.start(
                                loops,
                                UpstreamLimits.ofThisMachine(),
                                UpstreamTrust.ofThisMachine()));
        ProxyClient proxy = new ProxyClient(upstreams, limits, trusted);
        ProxyCaller.Target target = proxy.target(to);
        ProxyCaller.AnswerFields fields =
                new ProxyCaller.AnswerFields(List.of("X-Version", "ours"), false);
        HttpServer started =
                HttpServer.builder(exchange ->
                                proxy.pass(exchange, target, fields, null, new Recorded(exchange)))
                        .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .loops(loops)
                        .start();
        server = started;
        opened.add(() -> started.close(Duration.ofMillis(100)));
        return open(ByteConnection.open(started.address()));
    }

    /// Has something closed at the end.
    <T extends AutoCloseable> T open(T closeable) {
        opened.add(closeable);
        return closeable;
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    /// Answers failures with their kind, and notes the end.
    private final class Recorded implements ProxyCaller.Completion {
        private final Exchange exchange;

        Recorded(Exchange exchange) {
            this.exchange = exchange;
        }

        @Override
        public void failed(CallFailure failure) {
            boolean late = failure.kind() == CallFailure.Kind.TIMEOUT;
            var answer = exchange.answer(late ? 504 : 502);
            answer.body().writeUtf8("{" + failure.message() + "}");
            answer.send();
        }

        @Override
        public void ended(int status, CallOutcome outcome) {
            ended.add(status + " " + outcome);
        }
    }
}
