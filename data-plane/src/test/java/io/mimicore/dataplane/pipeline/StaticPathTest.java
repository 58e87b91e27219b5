package io.mimicore.dataplane.pipeline;

import static io.mimicore.dataplane.link.RouteFixture.literal;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.http.Answer;
import io.mimicore.dataplane.http.Exchange;
import io.mimicore.dataplane.http.StaticAnswer;
import io.mimicore.dataplane.link.ApiFixture;
import io.mimicore.dataplane.link.RouteFixture;
import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StaticPathTest {
    private static final int REQUESTS = 20_000;

    @Test
    void handle_staticRoutes_allocatesNothing() throws JMException {
        ApiFixture api = ApiFixture.named("a").rateLimit(1e9, 1_000_000);
        for (int i = 0; i < 100; i++) {
            api.route(RouteFixture.of("GET", "/v1/items" + i + "/all").text(literal("x")));
        }
        PipelineFixture fixture = PipelineFixture.serving(api);
        var exchange = new QuietExchange();
        send(fixture, exchange);

        allocatedBytes();
        long before = allocatedBytes();
        send(fixture, exchange);
        long allocated = allocatedBytes() - before;

        // A byte a request leaves room for the JVM's own doings, but for no object.
        assertThat(allocated).isLessThan(REQUESTS);
        assertThat(exchange.answers).isEqualTo(2 * REQUESTS);
    }

    /// What this thread has allocated so far; asked for by name, as the interface is no part of the
    /// platform.
    private static long allocatedBytes() throws JMException {
        Object bytes =
                ManagementFactory.getPlatformMBeanServer()
                        .getAttribute(
                                new ObjectName(ManagementFactory.THREAD_MXBEAN_NAME),
                                "CurrentThreadAllocatedBytes");
        return (Long) bytes;
    }

    private static void send(PipelineFixture fixture, QuietExchange exchange) {
        for (int i = 0; i < REQUESTS; i++) {
            fixture.handle(exchange);
        }
    }

    /// An exchange that itself allocates nothing.
    private static final class QuietExchange implements Exchange {
        private int answers;

        @Override
        public String method() {
            return "GET";
        }

        @Override
        public String path() {
            return "/v1/items57/all";
        }

        @Override
        public String query() {
            return "";
        }

        @Override
        public String host() {
            return "a.localhost";
        }

        @Override
        public @Nullable String header(String name) {
            return null;
        }

        @Override
        public String requestId() {
            return "request";
        }

        @Override
        public long startNanos() {
            return 0;
        }

        @Override
        public void readBody(int bytesMax, BodyReader reader) {
            throw new AssertionError("body: not asked for by a static route");
        }

        @Override
        public void execute(Runnable task) {
            throw new AssertionError("execute: not asked for by a static route");
        }

        @Override
        public void schedule(long delayMillis, Runnable task) {
            throw new AssertionError("schedule: not asked for by a static route");
        }

        @Override
        public Answer answer(int status) {
            throw new AssertionError("answer: not the static one");
        }

        @Override
        public void answer(StaticAnswer answer) {
            answers++;
        }

        @Override
        public void onEnd(EndListener listener) {
            throw new AssertionError("onEnd: not asked for by a static route");
        }

        @Override
        public boolean isOpen() {
            return true;
        }
    }
}
