package io.mimicore.dataplane.cors;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.http.Answer;
import io.mimicore.dataplane.http.RecordedExchange;
import io.mimicore.ir.Cors;
import java.util.List;
import org.junit.jupiter.api.Test;

class CorsPolicyTest {
    private static final List<String> METHODS = List.of("GET", "HEAD", "OPTIONS");
    private static final Cors SHOP =
            new Cors(
                    List.of("https://shop.example", "https://app.example"),
                    List.of(),
                    List.of(),
                    List.of("X-Total", "X-Page"),
                    true,
                    600);

    @Test
    void answer_anyOrigin_isTheSameWithAndWithoutOrigin() {
        for (RecordedExchange exchange : List.of(get(), get().with("Origin", "https://x"))) {
            RecordedExchange answered = answer(Cors.OPEN, exchange);

            assertThat(answered.answered("access-control-allow-origin")).containsExactly("*");
            assertThat(answered.answered("access-control-allow-credentials")).isEmpty();
            assertThat(answered.answered("vary")).isEmpty();
            assertThat(CorsPolicy.of(Cors.OPEN).isConstant(exchange)).isTrue();
        }
    }

    @Test
    void answer_allowedOrigin_isNamedWithItsDetails() {
        RecordedExchange answered = answer(SHOP, get().with("Origin", "https://app.example"));

        assertThat(answered.answered("access-control-allow-origin"))
                .containsExactly("https://app.example");
        assertThat(answered.answered("access-control-allow-credentials")).containsExactly("true");
        assertThat(answered.answered("access-control-expose-headers"))
                .containsExactly("X-Total, X-Page");
        assertThat(answered.answered("vary")).containsExactly("Origin");
    }

    @Test
    void answer_otherOrigin_getsNothingButVary() {
        for (String origin :
                List.of("https://evil.example", "https://app.example.evil", "null", "")) {
            RecordedExchange answered = answer(SHOP, get().with("Origin", origin));

            assertThat(answered.answered("access-control-allow-origin")).isEmpty();
            assertThat(answered.answered("access-control-allow-credentials")).isEmpty();
            assertThat(answered.answered("vary")).containsExactly("Origin");
        }
    }

    @Test
    void answer_withoutOrigin_saysThatItWouldVary() {
        assertThat(answer(SHOP, get()).answered("vary")).containsExactly("Origin");
        assertThat(CorsPolicy.of(SHOP).constantFields()).containsExactly("Vary", "Origin");
    }

    @Test
    void preflight_openPolicy_allowsWhatIsAskedAndServed() {
        RecordedExchange answered =
                preflight(
                        Cors.OPEN,
                        asking("https://x").with("Access-Control-Request-Headers", "x-a, x-b"));

        assertThat(answered.answered("access-control-allow-origin")).containsExactly("*");
        assertThat(answered.answered("access-control-allow-methods"))
                .containsExactly("GET, HEAD, OPTIONS");
        assertThat(answered.answered("access-control-allow-headers")).containsExactly("x-a, x-b");
        assertThat(answered.answered("access-control-max-age")).isEmpty();
        assertThat(answered.answered("vary")).containsExactly("Access-Control-Request-Headers");
    }

    @Test
    void preflight_headersThatAreNoNames_areNotEchoed() {
        RecordedExchange answered =
                preflight(
                        Cors.OPEN,
                        asking("https://x")
                                .with("Access-Control-Request-Headers", "x-a\r\nSet-Cookie: a"));

        assertThat(answered.answered("access-control-allow-headers")).isEmpty();
    }

    @Test
    void preflight_configuredLists_areSentAsTheyAre() {
        var cors =
                new Cors(
                        List.of("https://app.example"),
                        List.of("GET", "PUT"),
                        List.of("X-Token"),
                        List.of("X-Total"),
                        true,
                        600);

        RecordedExchange answered = preflight(cors, asking("https://app.example"));

        assertThat(answered.answered("access-control-allow-origin"))
                .containsExactly("https://app.example");
        assertThat(answered.answered("access-control-allow-methods")).containsExactly("GET, PUT");
        assertThat(answered.answered("access-control-allow-headers")).containsExactly("X-Token");
        assertThat(answered.answered("access-control-allow-credentials")).containsExactly("true");
        assertThat(answered.answered("access-control-max-age")).containsExactly("600");
        assertThat(answered.answered("access-control-expose-headers")).isEmpty();
        assertThat(answered.answered("vary")).containsExactly("Origin");
    }

    @Test
    void preflight_otherOrigin_isNotAllowed() {
        RecordedExchange answered = preflight(SHOP, asking("https://evil.example"));

        assertThat(answered.answered("access-control-allow-origin")).isEmpty();
        assertThat(answered.answered("access-control-allow-methods")).isEmpty();
        assertThat(answered.answered("vary"))
                .containsExactly("Origin", "Access-Control-Request-Headers");
    }

    @Test
    void isPreflight_needsMethodOriginAndQuestion() {
        assertThat(CorsPolicy.isPreflight(asking("https://x"))).isTrue();
        assertThat(CorsPolicy.isPreflight(RecordedExchange.of("OPTIONS", "a", "/x"))).isFalse();
        assertThat(
                        CorsPolicy.isPreflight(
                                get().with("Origin", "https://x")
                                        .with("Access-Control-Request-Method", "PUT")))
                .isFalse();
    }

    private static RecordedExchange answer(Cors cors, RecordedExchange exchange) {
        Answer answer = exchange.answer(200);
        CorsPolicy.of(cors).addTo(answer, exchange);
        answer.send();
        return exchange;
    }

    private static RecordedExchange preflight(Cors cors, RecordedExchange exchange) {
        Answer answer = exchange.answer(204);
        CorsPolicy.of(cors).addPreflightTo(answer, exchange, METHODS);
        answer.send();
        return exchange;
    }

    private static RecordedExchange get() {
        return RecordedExchange.of("GET", "a", "/x");
    }

    private static RecordedExchange asking(String origin) {
        return RecordedExchange.of("OPTIONS", "a", "/x")
                .with("Origin", origin)
                .with("Access-Control-Request-Method", "PUT");
    }
}
