package io.mimicore.system;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// A collector of spans that speaks OTLP over HTTP and keeps what it gets. Thread-safe.
final class SpanCollector implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private volatile CountDownLatch answers = new CountDownLatch(0);

    /// A span and the resource it came from, attributes as texts.
    record Received(Span span, Map<String, String> attributes, Map<String, String> resource) {
        String trace() {
            return hex(span.getTraceId());
        }

        String id() {
            return hex(span.getSpanId());
        }

        String parent() {
            return hex(span.getParentSpanId());
        }
    }

    private SpanCollector(HttpServer server) {
        this.server = server;
    }

    static SpanCollector start(int port) {
        try {
            InetSocketAddress address =
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            var collector = new SpanCollector(HttpServer.create(address, 0));
            collector.server.createContext("/v1/traces", collector::take);
            collector.server.setExecutor(collector.threads);
            collector.server.start();
            return collector;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    List<Received> received() {
        return received;
    }

    /// Spans of a trace.
    List<Received> ofTrace(String trace) {
        return received.stream().filter(span -> span.trace().equals(trace)).toList();
    }

    /// Answers no request from now on until [#answerAgain].
    void stopAnswering() {
        answers = new CountDownLatch(1);
    }

    void answerAgain() {
        answers.countDown();
    }

    @Override
    public void close() {
        answerAgain();
        server.stop(0);
        threads.shutdownNow();
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (!answers.await(1, TimeUnit.MINUTES)) {
                return;
            }
            ExportTraceServiceRequest.parseFrom(body)
                    .getResourceSpansList()
                    .forEach(of -> {
                        Map<String, String> resource = texts(of.getResource().getAttributesList());
                        of.getScopeSpansList().stream()
                                .flatMap(scope -> scope.getSpansList().stream())
                                .map(span ->
                                        new Received(
                                                span, texts(span.getAttributesList()), resource))
                                .forEach(received::add);
                    });
            exchange.getResponseHeaders().add("Content-Type", "application/x-protobuf");
            exchange.sendResponseHeaders(200, -1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Map<String, String> texts(List<KeyValue> attributes) {
        return attributes.stream()
                .collect(Collectors.toMap(KeyValue::getKey, it -> text(it.getValue())));
    }

    private static String text(AnyValue value) {
        return value.hasIntValue() ? Long.toString(value.getIntValue()) : value.getStringValue();
    }

    private static String hex(ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }
}
