package io.mimicore.dataplane.link;

import static io.mimicore.dataplane.link.RouteFixture.call;
import static io.mimicore.dataplane.link.RouteFixture.hole;
import static io.mimicore.dataplane.link.RouteFixture.literal;
import static io.mimicore.dataplane.link.RouteFixture.slot;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mimicore.dataplane.limit.ManualTicker;
import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.Argument;
import io.mimicore.ir.Body;
import io.mimicore.ir.CodeCall;
import io.mimicore.ir.Extraction.ValueType;
import io.mimicore.ir.HostPattern;
import io.mimicore.ir.RequestField;
import io.mimicore.ir.Serving;
import io.mimicore.ir.TextTemplate;
import io.mimicore.ir.UpstreamCall;
import io.mimicore.ir.UserCode;
import io.mimicore.ir.Validation;
import io.mimicore.ir.Validation.BodySchema;
import io.mimicore.ir.Validation.Dialect;
import io.mimicore.ir.Validation.FieldRule;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SnapshotLinkerTest {
    private final ManualTicker ticker = new ManualTicker();
    private final ScriptedPools pools = new ScriptedPools();
    private final ScriptedUpstreams upstreams = new ScriptedUpstreams();
    private final SnapshotLinker linker =
            new SnapshotLinker(pools, ticker, upstreams, new NoProxies());

    @Test
    void link_unchangedApi_isTheSameObject() throws LinkException {
        PreparedSnapshot first = link(null, plain("a", "one"), plain("b", "two"));
        PreparedSnapshot second = link(first, plain("a", "one"), plain("b", "other"));

        assertThat(second.api("a")).isSameAs(first.api("a"));
        assertThat(second.api("b")).isNotSameAs(first.api("b"));
        assertThat(second.size()).isEqualTo(2);
        assertThat(second.find("b.localhost")).isSameAs(second.api("b"));
    }

    @Test
    void link_changedApi_keepsCountersOfRoutesItStillHas() throws LinkException {
        PreparedSnapshot first = link(null, plain("a", "one"));
        PreparedSnapshot second = link(first, plain("a", "two"));

        assertThat(api(second, "a").metrics().route("/x"))
                .isSameAs(api(first, "a").metrics().route("/x"));
    }

    @Test
    void link_sameRateLimit_keepsTheBucket() throws LinkException {
        LoadedApi before = ApiFixture.named("a").rateLimit(1, 5).route(text("one")).load();
        LoadedApi after = ApiFixture.named("a").rateLimit(1, 5).route(text("two")).load();
        PreparedSnapshot first = link(null, before);
        PreparedSnapshot second = link(first, after);

        assertThat(api(second, "a").bucket()).isSameAs(api(first, "a").bucket());
    }

    @Test
    void link_otherRateLimit_keepsItsTokensClipped() throws LinkException {
        PreparedSnapshot first =
                link(null, ApiFixture.named("a").rateLimit(1, 5).route(text("one")).load());
        requireNonNull(api(first, "a").bucket()).tryAcquire();
        PreparedSnapshot wider =
                link(first, ApiFixture.named("a").rateLimit(2, 50).route(text("one")).load());
        PreparedSnapshot narrower =
                link(first, ApiFixture.named("a").rateLimit(2, 3).route(text("one")).load());
        PreparedSnapshot free = link(first, ApiFixture.named("a").route(text("one")).load());

        assertThat(requireNonNull(api(wider, "a").bucket()).tokens()).isEqualTo(4);
        assertThat(requireNonNull(api(narrower, "a").bucket()).tokens()).isEqualTo(3);
        assertThat(api(free, "a").bucket()).isNull();
    }

    @Test
    void link_sameCode_keepsThePoolUntilTheLastSnapshotIsGone() throws LinkException {
        PreparedSnapshot first = link(null, coded("one").load());
        PreparedSnapshot second = link(first, coded("two").load());

        assertThat(pools.pools()).hasSize(1);
        assertThat(api(second, "a").pool()).isSameAs(api(first, "a").pool());
        first.release();
        assertThat(pools.last().closes()).isZero();
        second.release();
        assertThat(pools.last().closes()).isEqualTo(1);
    }

    @Test
    void link_otherArtifactOrLimits_makesANewPool() throws LinkException {
        PreparedSnapshot first = link(null, coded("one").load());
        link(first, coded("one").load("other artifact"));
        UserCode code = ApiFixture.userCode("f");
        var slower =
                new UserCode(code.buildKey(), code.functions(), code.timeoutMillis() + 1, 64, 1, 4);
        link(first, coded("one").code(slower).load());

        assertThat(pools.pools()).hasSize(3);
    }

    @Test
    void link_previousAlreadyGone_makesItsPoolAnew() throws LinkException {
        PreparedSnapshot first = link(null, coded("one").load());
        first.release();
        PreparedSnapshot second = link(first, coded("one").load());

        assertThat(pools.pools()).hasSize(2);
        assertThat(pools.last().closes()).isZero();
        assertThat(api(second, "a").pool()).isSameAs(pools.last());
    }

    @Test
    void link_failsLate_leavesNothingBehind() throws LinkException {
        PreparedSnapshot first = link(null, coded("one").load());
        pools.failing("the machine does not load");

        assertThatThrownBy(() ->
                        link(
                                first,
                                coded("two").load(),
                                ApiFixture.named("b")
                                        .code(ApiFixture.userCode("g"))
                                        .route(calling("x"))
                                        .load()))
                .isInstanceOf(LinkException.class)
                .hasMessageContaining("b: BUILD_UNAVAILABLE: the machine does not load");
        first.release();
        assertThat(pools.last().closes()).isEqualTo(1);
    }

    @Test
    void link_codeThatNoRouteCalls_makesNoPool() throws LinkException {
        link(null, ApiFixture.named("a").code(ApiFixture.userCode("f")).route(text("x")).load());

        assertThat(pools.pools()).isEmpty();
    }

    @Test
    void link_everythingWrong_tellsEveryProblem() {
        LoadedApi wrong =
                ApiFixture.named("wrong")
                        .code(ApiFixture.userCode("f"))
                        .route(
                                RouteFixture.of("GET", "/pattern")
                                        .validation(
                                                new Validation(
                                                        List.of(
                                                                new FieldRule(
                                                                        "X", true, "(", null,
                                                                        null)),
                                                        List.of(),
                                                        new BodySchema(Dialect.DRAFT_7, "[]"))))
                        .route(
                                RouteFixture.of("GET", "/parameter/{a}")
                                        .extract(
                                                new RequestField.PathParameter("b"),
                                                ValueType.STRING))
                        .route(
                                RouteFixture.of("GET", "/cycle")
                                        .codeCall(called("one", 0, 1))
                                        .codeCall(called("two", 1, 0)))
                        .route(
                                RouteFixture.of("GET", "/header")
                                        .header("X-A", literal("a\nb"))
                                        .header("X B", literal("c")))
                        .route(RouteFixture.of("GET", "/upstream").upstreamCall(upstream()))
                        .load();
        LoadedApi proxy =
                new LoadedApi(
                        ApiFixture.named("proxy")
                                .build(
                                        new Serving.Proxy(
                                                new Serving.ProxyTarget.Upstream("http://a"))),
                        ApiFixture.digest("proxy"),
                        null,
                        null);
        var host = new HostPattern.Exact("same.example");
        LoadedApi first = ApiFixture.named("first").host(host).route(text("x")).load();
        LoadedApi second = ApiFixture.named("second").host(host).route(text("x")).load();

        LinkException e =
                catchThrowableOfType(
                        LinkException.class, () -> link(null, wrong, proxy, first, second));

        assertThat(e.problems())
                .extracting(problem -> problem.api() + " " + problem.code())
                .containsExactly(
                        "wrong " + DiagnosticCode.PATTERN_SYNTAX,
                        "wrong " + DiagnosticCode.SCHEMA_INVALID,
                        "wrong " + DiagnosticCode.NAME_UNKNOWN,
                        "wrong " + DiagnosticCode.CALL_CYCLE,
                        "wrong " + DiagnosticCode.FIELD_VALUE,
                        "wrong " + DiagnosticCode.FIELD_VALUE,
                        "wrong " + DiagnosticCode.FIELD_VALUE,
                        "proxy " + DiagnosticCode.FIELD_VALUE,
                        "second " + DiagnosticCode.DUPLICATE);
        assertThat(e).hasMessageContaining("GET /cycle: calls wait for each other");
        assertThat(pools.pools()).isEmpty();
    }

    @Test
    void link_sameNameTwice_isAProblem() {
        assertThatThrownBy(() -> link(null, plain("a", "one"), plain("a", "two")))
                .isInstanceOf(LinkException.class)
                .hasMessageContaining("DUPLICATE");
    }

    private PreparedSnapshot link(@Nullable PreparedSnapshot previous, LoadedApi... apis)
            throws LinkException {
        return linker.link(1, ApiFixture.digest("root"), List.of(apis), previous);
    }

    private static LinkedApi api(PreparedSnapshot snapshot, String name) {
        return requireNonNull(snapshot.api(name));
    }

    private static LoadedApi plain(String name, String body) {
        return ApiFixture.named(name).route(text(body)).load();
    }

    private static RouteFixture text(String body) {
        return RouteFixture.of("GET", "/x").text(literal(body));
    }

    private static ApiFixture coded(String body) {
        return ApiFixture.named("a").code(ApiFixture.userCode("f")).route(calling(body));
    }

    private static RouteFixture calling(String body) {
        return RouteFixture.of("GET", "/x").text(literal(body), hole(call(0)));
    }

    private static CodeCall called(String name, int slot, int reads) {
        return new CodeCall(name, slot, 0, List.of(new Argument.Computed(slot(reads))));
    }

    private static UpstreamCall upstream() {
        return new UpstreamCall(
                "u",
                0,
                "GET",
                TextTemplate.of("ftp://127.0.0.1:1/"),
                List.of(),
                new Body.Empty(),
                100,
                null);
    }
}
