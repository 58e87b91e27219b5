package io.mimicore.dataplane.pipeline;

import static io.mimicore.dataplane.link.RouteFixture.literal;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.http.RecordedExchange;
import io.mimicore.dataplane.link.ApiFixture;
import io.mimicore.dataplane.link.RouteFixture;
import io.mimicore.ir.Cors;
import java.util.List;
import org.junit.jupiter.api.Test;

class CorsAnswersTest {
    private static final String APP = "https://app.example";
    private static final Cors ONE =
            new Cors(List.of(APP), List.of(), List.of(), List.of(), true, 0);

    private final PipelineFixture fixture =
            PipelineFixture.serving(
                    ApiFixture.named("a")
                            .cors(ONE)
                            .rateLimit(1, 2)
                            .route(RouteFixture.of("GET", "/x").text(literal("static")))
                            .route(RouteFixture.anyMethod("/any").text(literal("any"))));

    @Test
    void staticRoute_withoutOrigin_keepsTheStaticPath() {
        RecordedExchange exchange = fixture.get("/x");

        assertThat(exchange.isStatic()).isTrue();
        assertThat(exchange.answered("vary")).containsExactly("Origin");
        assertThat(exchange.answered("access-control-allow-origin")).isEmpty();
    }

    @Test
    void staticRoute_withOrigin_namesIt() {
        RecordedExchange exchange =
                fixture.send(RecordedExchange.of("GET", "a.localhost", "/x").with("Origin", APP));

        assertThat(exchange.bodyText()).isEqualTo("static");
        assertThat(exchange.answered("access-control-allow-origin")).containsExactly(APP);
        assertThat(exchange.answered("vary")).containsExactly("Origin");
        assertThat(exchange.answered("x-mimicore-version")).containsExactly("42");
    }

    @Test
    void errors_withOrigin_nameItToo() {
        for (String target : List.of("/none", "/%zz")) {
            RecordedExchange exchange =
                    fixture.send(
                            RecordedExchange.of("GET", "a.localhost", target).with("Origin", APP));

            assertThat(exchange.status()).isGreaterThanOrEqualTo(400);
            assertThat(exchange.answered("access-control-allow-origin")).containsExactly(APP);
        }
    }

    @Test
    void preflight_anyRouteOrNone_isAnsweredWithoutATokenOfTheBucket() {
        for (String target : List.of("/x", "/any", "/x", "/any")) {
            RecordedExchange exchange =
                    fixture.send(
                            RecordedExchange.of("OPTIONS", "a.localhost", target)
                                    .with("Origin", APP)
                                    .with("Access-Control-Request-Method", "GET"));

            assertThat(exchange.status()).isEqualTo(204);
            assertThat(exchange.answered("access-control-allow-origin")).containsExactly(APP);
            assertThat(exchange.answered("access-control-allow-methods")).hasSize(1);
        }
    }
}
