package io.mimicore.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The checks that an IR makes of itself, wherever it comes from.
class ModelCheckTest {
    private static final Expression NOTHING = new Expression.Constant(new JsonValue.JsonNull());
    private static final List<HostPattern> HOSTS = List.of(new HostPattern.FirstLabel("a"));
    private static final Digest KEY = Digest.of(new byte[0]);

    @Test
    void api_name_isChecked() {
        assertThat(ApiIr.isName("my_api-2")).isTrue();
        assertThat(ApiIr.isName("a".repeat(63))).isTrue();
        for (String name : List.of("", "A", "a b", "a.b", "a/b", "ä", "a".repeat(64))) {
            assertThat(ApiIr.isName(name)).as(name).isFalse();
            assertRefused(() -> api(name, HOSTS, null, routes()), "name: " + name);
        }
    }

    @Test
    void api_withoutHost_isRefused() {
        assertRefused(
                () -> api("a", List.of(), null, routes()), "hosts: [] (expected: at least one)");
    }

    @Test
    void api_callOfAFunctionItDoesNotHave_isRefused() {
        Expression call = new Expression.Call(1, List.of());
        Expression nested =
                new Expression.Filtered(
                        NOTHING, Filter.DEFAULT, List.of(new Expression.Call(0, List.of(call))));
        UserCode one = new UserCode(KEY, List.of(new FunctionSignature.Raw("f")), 100, 64, 1, 16);

        assertRefused(
                () -> api("a", HOSTS, null, routes(route(0, nested))),
                "function: 0 (expected: 0..-1)");
        assertRefused(
                () -> api("a", HOSTS, one, routes(route(0, nested))),
                "function: 1 (expected: 0..0)");
        assertRefused(
                () -> api("a", HOSTS, null, routes(routeOf(1, codeCall(0, NOTHING)))),
                "function: 0");
        assertRefused(
                () -> api("a", HOSTS, one, routes(routeOf(1, codeCall(0, call)))), "function: 1");
    }

    @Test
    void route_variableWithoutASlot_isRefused() {
        Expression variable = new Expression.Variable(0, List.of());
        Expression nested = new Expression.Filtered(NOTHING, Filter.DEFAULT, List.of(variable));

        assertRefused(() -> route(0, variable), "slot: 0");
        assertRefused(() -> route(0, nested), "slot: 0");
        assertRefused(() -> route(0, new Expression.Variable(-1, List.of())), "slot: -1");
        assertRefused(
                () -> routeOf(1, codeCall(0, new Expression.Variable(1, List.of()))), "slot: 1");
    }

    @Test
    void route_slots_haveOneWriterEach() {
        assertThat(routeOf(1, codeCall(0, NOTHING)).slots()).isEqualTo(1);
        assertRefused(() -> routeOf(2, codeCall(0, NOTHING)), "slots: 2 (expected: 1");
        assertRefused(
                () -> routeOf(2, codeCall(0, NOTHING), codeCall(0, NOTHING)),
                "slot: 0 (expected: one writer)");
        assertRefused(() -> routeOf(1, codeCall(1, NOTHING)), "slot: 1 (expected: 0..0)");
        assertRefused(() -> route(4_097, NOTHING), "slots: 4097 (expected: 0..4096)");
    }

    @Test
    void filtered_otherNumberOfArguments_isRefused() {
        assertRefused(
                () -> new Expression.Filtered(NOTHING, Filter.DEFAULT, List.of()),
                "arguments: 0 (expected: 1..1 for default)");
        assertRefused(
                () -> new Expression.Filtered(NOTHING, Filter.UPPER, List.of(NOTHING)),
                "arguments: 1 (expected: 0..0 for upper)");
    }

    @Test
    void cors_credentialsForAnyOrigin_isRefused() {
        List<String> none = List.of();

        assertRefused(() -> new Cors(List.of("*"), none, none, none, true, 0), "credentials: true");
        assertRefused(() -> new Cors(none, none, none, none, false, -1), "maxAgeSeconds: -1");
        assertThat(Cors.OPEN.anyOrigin()).isTrue();
    }

    @Test
    void numbers_outOfRange_areRefused() {
        assertRefused(() -> new RateLimit(0, 1), "requestsPerSecond: 0.0");
        assertRefused(() -> new RateLimit(Double.NaN, 1), "requestsPerSecond: NaN");
        assertRefused(() -> new RateLimit(Double.POSITIVE_INFINITY, 1), "requestsPerSecond");
        assertRefused(() -> new RateLimit(1, 0), "burst: 0");
        assertRefused(() -> new Delay(-1, 0), "fixedMillis: -1");
        assertRefused(() -> new Delay(0, 600_001), "jitterMillis: 600001");
        assertRefused(() -> new Response(199, List.of(), new Body.Empty()), "status: 199");
        assertRefused(() -> new Response(600, List.of(), new Body.Empty()), "status: 600");
        assertRefused(() -> new Step.Index(-1), "index: -1");
        assertRefused(() -> new UserCode(KEY, List.of(), 0, 64, 1, 16), "timeoutMillis: 0");
        assertRefused(() -> new UserCode(KEY, List.of(), 1, 2_048, 1, 16), "maxMemoryMib: 2048");
        assertRefused(() -> new UserCode(KEY, List.of(), 1, 1, 17, 16), "minInstances: 17");
        assertRefused(() -> new UserCode(KEY, List.of(), 1, 1, 0, 1_025), "maxInstances: 1025");
    }

    @Test
    void fieldRule_limitsThatNothingMeets_areRefused() {
        assertRefused(() -> new Validation.FieldRule("n", true, null, 2.0, 1.0), "min: 2.0");
        assertRefused(
                () -> new Validation.FieldRule("n", true, null, Double.NaN, null), "min, max: NaN");
        assertRefused(
                () -> new Validation.FieldRule("n", true, null, 1.0, Double.NaN), "min, max: NaN");
        assertRefused(() -> new Validation.FieldRule("", true, null, null, null), "name: \"\"");
    }

    @Test
    void extraction_stepsOutsideTheBody_areRefused() {
        assertRefused(
                () ->
                        new Extraction(
                                0,
                                "x",
                                new RequestField.Path(),
                                List.of(new Step.Index(0)),
                                Extraction.ValueType.STRING,
                                null),
                "steps:");
    }

    @Test
    void hosts_notInLowerCase_areRefused() {
        assertRefused(() -> new HostPattern.Exact("A.example"), "host: A.example");
        assertRefused(() -> new HostPattern.Suffix(""), "host:  (expected");
        assertRefused(() -> new HostPattern.FirstLabel("Ä"), "host: Ä");
    }

    @Test
    void jsonTemplate_withoutParts_isRefused() {
        assertRefused(() -> new JsonTemplate(List.of()), "parts: []");
    }

    @Test
    void digest_ofContent_isSha256() {
        // FIPS 180-4, the example of one block: "abc".
        assertThat(Digest.of(new byte[] {'a'}, new byte[] {'b', 'c'}).hex())
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assertThat(Digest.ofBytes(KEY.bytes())).isEqualTo(KEY).hasSameHashCodeAs(KEY);
        assertRefused(() -> new Digest("AB".repeat(32)), "digest: AB");
        assertRefused(() -> new Digest("ab"), "digest: ab");
        assertRefused(() -> Digest.ofBytes(new byte[31]), "digest: ");
    }

    @Test
    void filter_named_isFoundByItsNameOnly() {
        for (Filter filter : Filter.values()) {
            assertThat(Filter.named(filter.filterName())).isEqualTo(filter);
        }
        assertThat(Filter.named("UPPER")).isNull();
    }

    private static ApiIr api(
            String name, List<HostPattern> hosts, @Nullable UserCode userCode, Serving serving) {
        return new ApiIr(name, hosts, null, Cors.OPEN, userCode, serving);
    }

    private static Serving routes(Route... routes) {
        return new Serving.Routes(List.of(routes));
    }

    private static Route routeOf(int slots, CodeCall... calls) {
        return new Route(
                List.of(),
                PathPattern.parse("/"),
                Validation.NONE,
                List.of(),
                List.of(),
                List.of(calls),
                null,
                new Response(200, List.of(), new Body.Empty()),
                slots);
    }

    private static Route route(int slots, Expression hole) {
        return new Route(
                List.of(),
                PathPattern.parse("/"),
                Validation.NONE,
                List.of(),
                List.of(),
                List.of(),
                null,
                new Response(
                        200,
                        List.of(),
                        new Body.Json(new JsonTemplate(List.of(new JsonTemplate.Value(hole))))),
                slots);
    }

    private static CodeCall codeCall(int slot, Expression argument) {
        return new CodeCall("c", slot, 0, List.of(new Argument.Computed(argument)));
    }

    private static void assertRefused(ThrowingCallable construction, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(construction)
                .withMessageStartingWith(message);
    }
}
