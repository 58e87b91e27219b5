package io.mimicore.dataplane.trace;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
    private static final String PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    @Test
    void parse_exampleOfTheRecommendation_givesItsParts() {
        TraceContext context = parsed(PARENT, "congo=t61rcWkgMzE");

        assertThat(context.traceId()).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
        assertThat(TraceContext.spanText(context.spanId())).isEqualTo("00f067aa0ba902b7");
        assertThat(context.isSampled()).isTrue();
        assertThat(context.isRandom()).isFalse();
        assertThat(context.tracestate()).isEqualTo("congo=t61rcWkgMzE");
        assertThat(context.traceparent()).isEqualTo(PARENT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
                "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01, "
                        + "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e473+-00f067aa0ba902b7-01",
            })
    void parse_againstTheRules_isNone(String header) {
        assertThat(TraceContext.parse(header, null)).isNull();
    }

    @Test
    void parse_laterVersionWithMore_isRead() {
        String later =
                "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03-what-the-future-has";

        TraceContext context = parsed(later, "");

        assertThat(context.traceparent()).isEqualTo(PARENT.replaceAll("01$", "03"));
    }

    @Test
    void parse_tracestateThatCannotBePassedOn_isDroppedAlone() {
        assertThat(parsed(PARENT, "a=b\r\nX-Evil: 1").tracestate()).isEmpty();
        assertThat(parsed(PARENT, "a=" + "b".repeat(510)).tracestate()).hasSize(512);
        assertThat(parsed(PARENT, "a=" + "b".repeat(511)).tracestate()).isEmpty();
    }

    @Test
    void child_ofASpan_staysInItsTraceUnderANewId() {
        TraceContext parent = parsed(PARENT, "a=b");

        TraceContext child = parent.child(new Random(7));

        assertThat(child.traceId()).isEqualTo(parent.traceId());
        assertThat(child.parentSpanId()).isEqualTo(parent.spanId());
        assertThat(child.spanId()).isNotEqualTo(parent.spanId());
        assertThat(child.isSampled()).isTrue();
        assertThat(child.tracestate()).isEqualTo("a=b");
    }

    @Test
    void begin_readBack_isTheSame() {
        var random = new Random(11);
        for (int i = 0; i < 1_000; i++) {
            TraceContext begun = TraceContext.begin(random, i % 2 == 0);

            assertThat(TraceContext.parse(begun.traceparent(), "")).isEqualTo(begun);
        }
    }

    private static TraceContext parsed(String traceparent, String tracestate) {
        return requireNonNull(TraceContext.parse(traceparent, tracestate), traceparent);
    }
}
