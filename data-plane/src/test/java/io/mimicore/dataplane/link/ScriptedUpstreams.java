package io.mimicore.dataplane.link;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.dataplane.call.Authority;
import io.mimicore.dataplane.call.CallFailure;
import io.mimicore.dataplane.call.CallReply;
import io.mimicore.dataplane.call.CallRequest;
import io.mimicore.dataplane.call.HeaderBlock;
import io.mimicore.dataplane.call.UpstreamCaller;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Upstreams whose answers the test gives by hand.
public final class ScriptedUpstreams implements UpstreamCaller {
    private final Map<Authority, Upstream> upstreams = new HashMap<>();
    private final List<Call> calls = new ArrayList<>();
    private boolean offloads = true;

    /// Every call so far.
    public List<Call> calls() {
        return calls;
    }

    /// Takes no more work off the loop.
    public void refuseOffloads() {
        offloads = false;
    }

    @Override
    public Upstream upstream(Authority authority) {
        return upstreams.computeIfAbsent(authority, Named::new);
    }

    @Override
    public Running call(Upstream upstream, CallRequest request, Completion completion) {
        Call call = new Call(upstream.authority(), request, completion);
        calls.add(call);
        return call;
    }

    @Override
    public boolean offload(Runnable work) {
        if (offloads) {
            work.run();
        }
        return offloads;
    }

    private record Named(Authority authority) implements Upstream {}

    /// A call under way.
    public static final class Call implements Running {
        private final Authority authority;
        private final CallRequest request;
        private final Completion completion;
        private boolean cancelled;

        private Call(Authority authority, CallRequest request, Completion completion) {
            this.authority = authority;
            this.request = request;
            this.completion = completion;
        }

        /// The whole URL.
        public String url() {
            return authority + new String(request.target(), ISO_8859_1);
        }

        public CallRequest request() {
            return request;
        }

        /// The value of a header, or `null`.
        public @Nullable String header(String name) {
            byte[] fixed = request.fixed().first(name);
            if (fixed != null) {
                return new String(fixed, UTF_8);
            }
            for (HeaderBlock.Field field : request.more()) {
                if (field.name().equals(name)) {
                    return new String(field.value(), UTF_8);
                }
            }
            return null;
        }

        public boolean isCancelled() {
            return cancelled;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }

        /// Answers with JSON and 200.
        public void json(String body) {
            answer(200, body, Map.of("content-type", "application/json"));
        }

        public void answer(int status, String body, Map<String, String> headers) {
            completion.completed(new Reply(status, body, headers));
        }

        public void fail(CallFailure.Kind kind, String message) {
            completion.failed(new CallFailure(kind, message));
        }
    }

    private record Reply(int status, String text, Map<String, String> headers)
            implements CallReply {
        @Override
        public @Nullable String header(String name) {
            return headers.get(name);
        }

        @Override
        public void eachHeader(BiConsumer<String, String> fields) {
            headers.forEach(fields);
        }

        @Override
        public byte[] body() {
            return text.getBytes(UTF_8);
        }
    }
}
