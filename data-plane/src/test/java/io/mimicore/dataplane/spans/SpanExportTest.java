package io.mimicore.dataplane.spans;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.mimicore.dataplane.http.RecordedExchange;
import java.net.URI;
import java.time.InstantSource;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpanExportTest {
    private static final String NOWHERE = "http://127.0.0.1:1";
    private static final int REQUESTS = 2_000;
    private static final long SEED = 42;

    @ParameterizedTest
    @CsvSource({
        "http://c:4318, http://c:4318/v1/traces",
        "http://c:4318/, http://c:4318/v1/traces",
        "https://c/otlp, https://c/otlp/v1/traces",
        "http://c:4318/v1/traces, http://c:4318/v1/traces"
    })
    void settings_baseUrl_sendToItsTraces(String base, String traces) {
        assertThat(settings(base, 1).traces()).hasToString(traces);
    }

    @ParameterizedTest
    @ValueSource(strings = {"c:4318", "grpc://c:4317", "http:///x", "v1/traces"})
    void settings_notAUrlOfACollector_areRefused(String endpoint) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings(endpoint, 1))
                .withMessageContaining("endpoint: " + endpoint + " (expected: ");
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
    void settings_ratioThatIsNone_isRefused(double ratio) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings(NOWHERE, ratio))
                .withMessageContaining("ratio: " + ratio);
    }

    @Test
    void around_aTenth_watchesATenthOfNewTraces() {
        var random = new Random(SEED);
        int watched = 0;
        try (SpanExport export = SpanExport.start(settings(NOWHERE, 0.1))) {
            boolean[] isWatched = new boolean[1];
            var handler =
                    export.around(
                            exchange -> isWatched[0] = exchange.span() != null,
                            new SpanClock(InstantSource.system(), System::nanoTime),
                            random);
            for (int i = 0; i < REQUESTS; i++) {
                handler.handle(RecordedExchange.of("GET", "a.localhost", "/"));
                watched += isWatched[0] ? 1 : 0;
            }
        }
        assertThat(watched).as("seed " + SEED).isBetween(REQUESTS / 13, REQUESTS / 8);
    }

    private static SpanSettings settings(String endpoint, double ratio) {
        return new SpanSettings(URI.create(endpoint), ratio, "default", "local", "test");
    }
}
