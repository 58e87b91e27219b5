package io.mimicore.dataplane.spans;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.mimicore.dataplane.http.UpstreamCall;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.util.List;
import java.util.Set;

/// Makes spans in OpenTelemetry's terms of what was noted about requests.
///
/// Queries are left out, of requests and of calls, because they may hold secrets.
///
/// @see <a href="https://opentelemetry.io/docs/specs/semconv/http/http-spans/">Semantic conventions
///   for HTTP spans, stable since 1.23</a>
final class SpanRecords {
    private static final AttributeKey<String> METHOD =
            AttributeKey.stringKey("http.request.method");
    private static final AttributeKey<String> METHOD_ORIGINAL =
            AttributeKey.stringKey("http.request.method_original");
    private static final AttributeKey<Long> STATUS =
            AttributeKey.longKey("http.response.status_code");
    private static final AttributeKey<String> ROUTE = AttributeKey.stringKey("http.route");
    private static final AttributeKey<String> URL_PATH = AttributeKey.stringKey("url.path");
    private static final AttributeKey<String> URL_SCHEME = AttributeKey.stringKey("url.scheme");
    private static final AttributeKey<String> URL_FULL = AttributeKey.stringKey("url.full");
    private static final AttributeKey<String> SERVER = AttributeKey.stringKey("server.address");
    private static final AttributeKey<Long> SERVER_PORT = AttributeKey.longKey("server.port");
    private static final AttributeKey<String> CLIENT = AttributeKey.stringKey("client.address");
    private static final AttributeKey<String> USER_AGENT =
            AttributeKey.stringKey("user_agent.original");
    private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");
    private static final AttributeKey<String> REQUEST_ID =
            AttributeKey.stringKey("mimicore.request_id");
    private static final AttributeKey<String> API = AttributeKey.stringKey("mimicore.api");
    private static final AttributeKey<Long> VERSION =
            AttributeKey.longKey("mimicore.snapshot.version");
    private static final AttributeKey<String> CALL = AttributeKey.stringKey("mimicore.call");

    private static final Set<String> KNOWN_METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE");
    private static final String OTHER_METHOD = "_OTHER";
    private static final String CLIENT_GONE = "client_gone";

    private final Resource resource;
    private final InstrumentationScopeInfo scope;

    SpanRecords(SpanSettings settings) {
        this.resource =
                Resource.getDefault()
                        .merge(
                                Resource.create(
                                        Attributes.builder()
                                                .put("service.name", "mimicore")
                                                .put("service.version", settings.build())
                                                .put("service.namespace", settings.cluster())
                                                .put("service.instance.id", settings.nodeId())
                                                .put("mimicore.cluster", settings.cluster())
                                                .put("mimicore.node", settings.nodeId())
                                                .build()));
        this.scope =
                InstrumentationScopeInfo.builder("io.mimicore.dataplane")
                        .setVersion(settings.build())
                        .build();
    }

    /// Adds the spans of a request: its own first.
    void addTo(List<SpanData> spans, RequestTrace trace) {
        spans.add(server(trace));
        for (RequestTrace.Call call : trace.calls()) {
            spans.add(client(trace, call));
        }
    }

    private SpanData server(RequestTrace trace) {
        RequestTrace.Request request = trace.request();
        RequestTrace.Answered answer = trace.answer();
        AttributesBuilder attributes = Attributes.builder();
        String method = putMethod(attributes, request.method());
        attributes.put(URL_SCHEME, "http").put(URL_PATH, request.path());
        putText(attributes, SERVER, request.host());
        putText(attributes, CLIENT, request.client());
        putText(attributes, USER_AGENT, request.userAgent());
        putText(attributes, ROUTE, answer.route());
        putText(attributes, API, answer.api());
        attributes.put(REQUEST_ID, request.id());
        if (answer.version() > 0) {
            attributes.put(VERSION, answer.version());
        }
        // A mistake of the client is no error of the server's span (§ "Status").
        String error =
                answer.status() == 0
                        ? CLIENT_GONE
                        : answer.status() >= 500 ? Integer.toString(answer.status()) : "";
        putStatus(attributes, answer.status(), error);
        String name = answer.route().isEmpty() ? method : method + " " + answer.route();
        return new SpanRecord(
                name,
                SpanKind.SERVER,
                trace.span(),
                status(error),
                new SpanRecord.Time(
                        trace.startNanos() + trace.epochNanos(),
                        trace.endNanos() + trace.epochNanos()),
                attributes.build(),
                resource,
                scope);
    }

    private SpanData client(RequestTrace trace, RequestTrace.Call of) {
        UpstreamCall call = of.call();
        UpstreamCall.Destination to = call.to();
        AttributesBuilder attributes = Attributes.builder();
        String method = putMethod(attributes, to.method());
        putText(attributes, SERVER, to.host());
        if (to.port() > 0) {
            attributes.put(SERVER_PORT, (long) to.port());
        }
        putUrl(attributes, to);
        attributes.put(CALL, call.name());
        putText(attributes, API, trace.answer().api());
        String error = call.status() >= 400 ? Integer.toString(call.status()) : call.failure();
        putStatus(attributes, call.status(), error);
        return new SpanRecord(
                method,
                SpanKind.CLIENT,
                of.span(),
                status(error),
                new SpanRecord.Time(
                        call.startNanos() + trace.epochNanos(),
                        call.endNanos() + trace.epochNanos()),
                attributes.build(),
                resource,
                scope);
    }

    private static void putUrl(AttributesBuilder attributes, UpstreamCall.Destination to) {
        String target = new String(to.target(), ISO_8859_1);
        int query = target.indexOf('?');
        String path = query < 0 ? target : target.substring(0, query);
        if (to.port() == 0) {
            putText(attributes, URL_PATH, path);
            return;
        }
        String host = to.host().indexOf(':') >= 0 ? "[" + to.host() + "]" : to.host();
        attributes.put(URL_FULL, to.scheme() + "://" + host + ":" + to.port() + path);
    }

    /// @return the method as it stands in the span's name
    private static String putMethod(AttributesBuilder attributes, String method) {
        if (KNOWN_METHODS.contains(method)) {
            attributes.put(METHOD, method);
            return method;
        }
        attributes.put(METHOD, OTHER_METHOD).put(METHOD_ORIGINAL, method);
        return "HTTP";
    }

    private static void putStatus(AttributesBuilder attributes, int status, String error) {
        if (status > 0) {
            attributes.put(STATUS, (long) status);
        }
        putText(attributes, ERROR, error);
    }

    private static void putText(
            AttributesBuilder attributes, AttributeKey<String> key, String value) {
        if (!value.isEmpty()) {
            attributes.put(key, value);
        }
    }

    private static StatusData status(String error) {
        return error.isEmpty() ? StatusData.unset() : StatusData.error();
    }
}
