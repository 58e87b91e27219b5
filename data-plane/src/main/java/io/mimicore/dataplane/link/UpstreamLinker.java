package io.mimicore.dataplane.link;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.mimicore.dataplane.call.Authority;
import io.mimicore.dataplane.call.HeaderBlock;
import io.mimicore.dataplane.call.UpstreamCaller;
import io.mimicore.dataplane.metrics.ApiMetrics;
import io.mimicore.dataplane.render.ReplySlots;
import io.mimicore.dataplane.render.Template;
import io.mimicore.dataplane.render.TemplateCompiler;
import io.mimicore.dataplane.render.UrlTemplate;
import io.mimicore.ir.Body;
import io.mimicore.ir.HeaderTemplate;
import io.mimicore.ir.JsonTemplate;
import io.mimicore.ir.UpstreamCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Links calls to upstreams: URLs, header fields, and the upstream itself where the host is known.
/// Confined to one thread.
final class UpstreamLinker {
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    /// Fields of the connection, not of the message (RFC 9110 §7.6.1, RFC 9112 §6).
    private static final Set<String> CONNECTION_HEADERS =
            Set.of(
                    "connection",
                    "content-length",
                    "expect",
                    "keep-alive",
                    "proxy-connection",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade");

    private final UpstreamCaller caller;
    private final ApiMetrics metrics;

    UpstreamLinker(UpstreamCaller caller, ApiMetrics metrics) {
        this.caller = caller;
        this.metrics = metrics;
    }

    /// A call whose templates are compiled; its result's slots are known once everything else of
    /// the route is compiled too.
    interface Draft {
        UpstreamPlan plan(TemplateCompiler compiled);
    }

    /// Compiles a call.
    ///
    /// @throws IllegalArgumentException saying what is wrong
    Draft draft(UpstreamCall call, TemplateCompiler compiler) {
        if (!TOKEN.matcher(call.method()).matches()) {
            throw new IllegalArgumentException("method: " + call.method() + " (expected: a token)");
        }
        UrlTemplate url = compiler.compileUrl(call.url());
        Fields fields = new Fields(call, compiler);
        Template body = body(call.body(), compiler);
        JsonTemplate fallback = call.onError();
        Template onError = fallback == null ? null : compiler.compile(fallback);
        Authority authority = url.fixedAuthority();
        UpstreamCaller.Upstream upstream = authority == null ? null : caller.upstream(authority);
        return compiled -> {
            ReplySlots slots = compiled.replySlots(call.slot());
            return new UpstreamPlan(
                    caller,
                    call.name(),
                    call.method(),
                    url,
                    upstream,
                    fields.fixed.build(),
                    fields.templated,
                    fields.host,
                    body,
                    call.timeoutMillis(),
                    slots.statusIsRead() && onError == null,
                    fields.names.contains("traceparent"),
                    onError,
                    slots,
                    metrics.call(call.name()));
        };
    }

    private static @Nullable Template body(Body body, TemplateCompiler compiler) {
        return switch (body) {
            case Body.Empty _ -> null;
            case Body.Text text -> compiler.compile(text.template());
            case Body.Json json -> compiler.compile(json.template());
        };
    }

    /// The header fields of a call: the author's, and what a request has besides.
    private static final class Fields {
        private final HeaderBlock.Builder fixed = new HeaderBlock.Builder();
        private final List<ResponsePlan.Header> templated = new ArrayList<>();
        private final Set<String> names = new java.util.HashSet<>();
        private @Nullable Template host;

        Fields(UpstreamCall call, TemplateCompiler compiler) {
            for (HeaderTemplate header : call.headers()) {
                add(header, compiler);
            }
            addMissing("accept", "*/*");
            // A body is used as it comes: nothing is unpacked.
            addMissing("accept-encoding", "identity");
            addMissing("user-agent", "mimicore");
            switch (call.body()) {
                case Body.Empty _ -> {}
                case Body.Text _ -> addMissing("content-type", "text/plain; charset=utf-8");
                case Body.Json _ -> addMissing("content-type", "application/json");
            }
        }

        private void add(HeaderTemplate header, TemplateCompiler compiler) {
            String name = header.name().toLowerCase(Locale.ROOT);
            if (!TOKEN.matcher(name).matches() || CONNECTION_HEADERS.contains(name)) {
                throw new IllegalArgumentException(
                        "header: " + header.name() + " (expected: a header that configs may set)");
            }
            names.add(name);
            Template value = compiler.compile(header.value());
            if (value.isConstant() && !HeaderBlock.isValue(value.constant())) {
                throw new IllegalArgumentException(
                        "header: " + header.name() + " (expected: no control characters)");
            }
            if (name.equals("host")) {
                host = value;
            } else if (value.isConstant()) {
                fixed.add(name, value.constant());
            } else {
                templated.add(new ResponsePlan.Header(name, value));
            }
        }

        private void addMissing(String name, String value) {
            if (names.add(name)) {
                fixed.add(name, value.getBytes(US_ASCII));
            }
        }
    }
}
