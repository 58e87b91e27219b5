package io.mimicore.ir.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.mimicore.ir.ApiIr;
import io.mimicore.ir.Body;
import io.mimicore.ir.Cors;
import io.mimicore.ir.Expression;
import io.mimicore.ir.Filter;
import io.mimicore.ir.HostPattern;
import io.mimicore.ir.JsonValue;
import io.mimicore.ir.PathPattern;
import io.mimicore.ir.RandomIr;
import io.mimicore.ir.Response;
import io.mimicore.ir.Route;
import io.mimicore.ir.Serving;
import io.mimicore.ir.TextTemplate;
import io.mimicore.ir.Validation;
import io.mimicore.proto.ir.v1.Api;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IrCodecTest {
    private static final int CORRUPTIONS = 20_000;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void decode_ofEncoded_givesTheSame(long seed) throws MalformedIrException {
        RandomIr random = new RandomIr(new SplittableRandom(seed));
        for (int i = 0; i < 100; i++) {
            ApiIr api = random.api();

            byte[] encoded = IrCodec.encode(api);

            assertThat(IrCodec.decode(encoded)).isEqualTo(api);
            assertThat(IrCodec.encode(IrCodec.decode(encoded))).isEqualTo(encoded);
        }
    }

    /// A change here is a change of the format: nodes and control planes of two builds would no
    /// longer agree on what a digest names.
    @Test
    void encode_knownIr_givesTheKnownDigest() throws MalformedIrException {
        byte[] routes = IrCodec.encode(EveryKindOfIr.routes());
        byte[] proxy = IrCodec.encode(EveryKindOfIr.proxy());

        assertThat(IrCodec.digest(routes).hex())
                .isEqualTo("056411a482abbaeb48c0154007b6d11e6953f02256eb4f11189f28a76c7a9b46");
        assertThat(IrCodec.digest(proxy).hex())
                .isEqualTo("71ae36916a539c8dc2bdb8b601b0ff2518bd97fdb2deda6fff03524af4816737");
        assertThat(IrCodec.decode(routes)).isEqualTo(EveryKindOfIr.routes());
        assertThat(IrCodec.decode(proxy)).isEqualTo(EveryKindOfIr.proxy());
    }

    @Test
    void decode_corruptedBytes_isRefusedOrGivesTheSameBytes() {
        SplittableRandom random = new SplittableRandom(7);
        RandomIr irs = new RandomIr(random);
        int refused = 0;
        byte[] encoded = IrCodec.encode(irs.api());
        for (int i = 0; i < CORRUPTIONS; i++) {
            if (i % 20 == 0) {
                encoded = IrCodec.encode(irs.api());
            }
            byte[] corrupted = corrupted(encoded, random);
            try {
                assertThat(IrCodec.encode(IrCodec.decode(corrupted))).isEqualTo(corrupted);
            } catch (MalformedIrException e) {
                refused++;
                assertThat(e.getMessage()).isNotBlank();
            }
        }
        assertThat(refused).isBetween(CORRUPTIONS / 3, CORRUPTIONS - 1);
    }

    @Test
    void decode_unknownField_isRefused() {
        Api known = message(api());
        UnknownFieldSet unknown =
                UnknownFieldSet.newBuilder()
                        .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                        .build();

        assertThatThrownBy(() ->
                        IrCodec.decode(
                                known.toBuilder().setUnknownFields(unknown).build().toByteArray()))
                .isInstanceOf(MalformedIrException.class)
                .hasMessageMatching("byte \\d+: .*only known fields.*");
    }

    @Test
    void decode_fieldTwice_isRefused() {
        byte[] encoded = IrCodec.encode(api());
        ByteArrayOutputStream twice = new ByteArrayOutputStream();
        twice.writeBytes(encoded);
        twice.writeBytes(Api.newBuilder().setName("other").build().toByteArray());

        assertThatThrownBy(() -> IrCodec.decode(twice.toByteArray()))
                .isInstanceOf(MalformedIrException.class);
    }

    @Test
    void decode_otherFormat_namesBoth() {
        assertRefused(api -> api.setFormat(2), "format: 2 (expected: 1)");
        assertRefused(api -> api.setFormat(-1), "format: 4294967295 (expected: 1)");
    }

    @Test
    void decode_empty_isRefused() {
        assertThatThrownBy(() -> IrCodec.decode(new byte[0]))
                .isInstanceOf(MalformedIrException.class)
                .hasMessage("format: 0 (expected: 1)");
    }

    @Test
    void decode_tooLarge_isRefusedUnread() {
        assertThatThrownBy(() -> IrCodec.decode(new byte[IrCodec.BYTES_MAX + 1]))
                .isInstanceOf(MalformedIrException.class)
                .hasMessage("ir: 16777217 bytes (expected: <= 16777216)");
    }

    @Test
    void decode_absentParts_namesThePlace() {
        assertRefused(Api.Builder::clearCors, "api.cors: absent");
        assertRefused(Api.Builder::clearServing, "api.serving: absent");
        assertRefused(
                api -> api.getRoutesBuilder().getRoutesBuilder(0).clearResponse(),
                "api.routes[0].response: absent");
        assertRefused(api -> api.addHostsBuilder(), "api.hosts[1].kind: absent");
    }

    @Test
    void decode_valueTheModelRefuses_namesThePlace() {
        assertRefused(api -> api.setName("No"), "api: name: No (expected: [a-z0-9_-]{1,63})");
        assertRefused(
                api ->
                        api.getRoutesBuilder()
                                .getRoutesBuilder(0)
                                .getResponseBuilder()
                                .setStatus(99),
                "api.routes[0].response: status: 99");
        assertRefused(
                api -> api.getRoutesBuilder().getRoutesBuilder(0).setPath("no"),
                "api.routes[0].path: path: no");
        assertRefused(
                api -> api.getRoutesBuilder().getRoutesBuilder(0).setSlots(-1),
                "api.routes[0]: slots: -1");
        assertRefused(
                api -> api.getCorsBuilder().setMaxAgeSeconds(-1), "api.cors: maxAgeSeconds: -1");
        assertRefused(
                api -> api.getUserCodeBuilder().setBuildKey(ByteString.EMPTY),
                "api.user_code.build_key: digest: 0 bytes (expected: 32)");
    }

    @Test
    void decode_expressionThatNamesNothing_isRefused() {
        assertHoleRefused(hole -> hole.getVariableBuilder().setSlot(0), "api.routes[0]: slot: 0");
        assertHoleRefused(hole -> hole.getCallBuilder().setFunction(3), "api: function: 3");
        assertHoleRefused(
                hole -> hole.getFilteredBuilder().setFilter("nope").getInputBuilder(),
                "filter: nope");
        assertHoleRefused(
                hole -> hole.getRequestBuilder().getFieldBuilder().setKindValue(77), "kind: 77");
        assertHoleRefused(hole -> hole.setConstant("[1,"), "constant: json:");
        assertHoleRefused(hole -> hole.setConstant("1 "), "expected: the canonical encoding");
        assertHoleRefused(hole -> hole.setConstant("1 2"), "json: text after the value");
        assertHoleRefused(hole -> hole.setConstant(""), "json: empty");
        assertHoleRefused(hole -> hole.setConstant("{\"a\":1,\"a\":2}"), "every name once");
        assertHoleRefused(
                hole -> hole.setConstant("\"\\u0041\""), "expected: the canonical encoding");
        assertHoleRefused(hole -> hole.setConstant("1e99999999999"), "constant:");
    }

    @Test
    void decode_jsonNestedTooDeep_isRefused() {
        assertHoleRefused(
                hole -> hole.setConstant("[".repeat(101) + "]".repeat(101)), "constant: json:");
        assertHoleRefused(hole -> hole.setConstant("[".repeat(1_000_000)), "constant: json:");
        assertHoleRefused(hole -> hole.setConstant("1".repeat(1_001)), "constant: json:");
    }

    @Test
    void encode_jsonAtTheLimits_isDecoded() throws MalformedIrException {
        JsonValue nested = new JsonValue.JsonNumber("1".repeat(1_000));
        for (int i = 0; i < 100; i++) {
            nested = new JsonValue.JsonArray(List.of(nested));
        }
        ApiIr api = api(new TextTemplate.Hole(new Expression.Constant(nested)));

        assertThat(IrCodec.decode(IrCodec.encode(api))).isEqualTo(api);

        ApiIr deeper =
                api(
                        new TextTemplate.Hole(
                                new Expression.Constant(new JsonValue.JsonArray(List.of(nested)))));
        assertThatIllegalArgumentException().isThrownBy(() -> IrCodec.encode(deeper));
    }

    @Test
    void decode_expressionsNestedTooDeep_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> IrCodec.encode(api(nested(ExpressionCodec.DEPTH_MAX + 1))))
                .withMessage("expression: nesting 65 (expected: <= 64)");
        assertHoleRefused(hole -> nest(hole, 65), "nesting: 65 (expected: <= 64)");
        assertHoleRefused(hole -> nest(hole, 200), "protobuf: ");
    }

    @Test
    void encode_expressionsNestedToTheLimit_isDecoded() throws MalformedIrException {
        ApiIr api = api(nested(ExpressionCodec.DEPTH_MAX));

        assertThat(IrCodec.decode(IrCodec.encode(api))).isEqualTo(api);
    }

    @Test
    void encode_unpairedSurrogate_isRefusedOutsideJson() throws MalformedIrException {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> IrCodec.encode(api(new TextTemplate.Literal("a\ud800"))))
                .withMessage("text: unpaired surrogate at character 1 (expected: Unicode text)");

        ApiIr inJson =
                api(
                        new TextTemplate.Hole(
                                new Expression.Constant(new JsonValue.JsonText("a\udc00"))));
        assertThat(IrCodec.decode(IrCodec.encode(inJson))).isEqualTo(inJson);
    }

    @Test
    void encode_pathThatItsTextDoesNotGive_isRefused() {
        PathPattern odd = new PathPattern("/a", List.of(new PathPattern.Literal("b")));
        Route route = route(odd, new Body.Empty());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> IrCodec.encode(api(new Serving.Routes(List.of(route)))))
                .withMessageContaining("the segments of its text");
    }

    @Test
    void decode_lengthBeyondTheEnd_isRefusedWithoutAllocatingIt() {
        // Field 2, length-delimited, of 2^31-1 bytes.
        byte[] bytes = {0x12, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x07};

        assertThatThrownBy(() -> IrCodec.decode(bytes)).isInstanceOf(MalformedIrException.class);
    }

    private static byte[] corrupted(byte[] encoded, SplittableRandom random) {
        byte[] bytes = encoded.clone();
        if (random.nextInt(4) == 0) {
            return Arrays.copyOf(bytes, random.nextInt(bytes.length));
        }
        for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return bytes;
    }

    private static void assertRefused(Consumer<Api.Builder> change, String message) {
        Api.Builder changed = message(api()).toBuilder();
        change.accept(changed);
        byte[] bytes = changed.build().toByteArray();

        assertThatThrownBy(() -> IrCodec.decode(bytes))
                .isInstanceOf(MalformedIrException.class)
                .hasMessageContaining(message);
    }

    private static void assertHoleRefused(
            Consumer<io.mimicore.proto.ir.v1.Expression.Builder> change, String message) {
        assertRefused(
                api ->
                        change.accept(
                                api.getRoutesBuilder()
                                        .getRoutesBuilder(0)
                                        .getResponseBuilder()
                                        .getBodyBuilder()
                                        .getTextBuilder()
                                        .addPartsBuilder()
                                        .getHoleBuilder()),
                message);
    }

    private static void nest(io.mimicore.proto.ir.v1.Expression.Builder hole, int depth) {
        io.mimicore.proto.ir.v1.Expression.Builder inner = hole;
        for (int i = 1; i < depth; i++) {
            inner = inner.getFilteredBuilder().setFilter("upper").getInputBuilder();
        }
        inner.setConstant("1");
    }

    private static TextTemplate.Part nested(int depth) {
        Expression expression = new Expression.Constant(new JsonValue.JsonNull());
        for (int i = 1; i < depth; i++) {
            expression = new Expression.Filtered(expression, Filter.UPPER, List.of());
        }
        return new TextTemplate.Hole(expression);
    }

    private static Api message(ApiIr api) {
        try {
            return Api.parseFrom(IrCodec.encode(api));
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private static ApiIr api(TextTemplate.Part... parts) {
        Body body = new Body.Text(new TextTemplate(List.of(parts)));
        return api(new Serving.Routes(List.of(route(PathPattern.parse("/a"), body))));
    }

    private static Route route(PathPattern path, Body body) {
        return new Route(
                List.of("GET"),
                path,
                Validation.NONE,
                List.of(),
                List.of(),
                List.of(),
                null,
                new Response(200, List.of(), body),
                0);
    }

    private static ApiIr api(Serving serving) {
        return new ApiIr(
                "my_api",
                List.of(new HostPattern.FirstLabel("my_api")),
                null,
                Cors.OPEN,
                null,
                serving);
    }
}
