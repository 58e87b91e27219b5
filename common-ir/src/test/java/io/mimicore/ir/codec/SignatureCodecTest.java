package io.mimicore.ir.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.NumericType;
import io.mimicore.ir.RandomIr;
import io.mimicore.proto.ir.v1.NumericShape;
import io.mimicore.proto.ir.v1.RawShape;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SignatureCodecTest {
    @Test
    void decode_ofEncoded_givesTheSame() throws MalformedIrException {
        RandomIr random = new RandomIr(new SplittableRandom(11));
        for (int i = 0; i < 500; i++) {
            FunctionSignature signature = random.function();

            assertThat(SignatureCodec.decode(SignatureCodec.encode(signature)))
                    .isEqualTo(signature);
        }
    }

    @ParameterizedTest
    @EnumSource(NumericType.class)
    void encode_everyNumericType_hasAWireName(NumericType type) throws MalformedIrException {
        FunctionSignature signature = new FunctionSignature.Numeric("f", List.of(type), type);

        assertThat(SignatureCodec.decode(SignatureCodec.encode(signature))).isEqualTo(signature);
    }

    @Test
    void decode_withoutShape_isRefused() {
        assertRefused(
                io.mimicore.proto.ir.v1.FunctionSignature.newBuilder().setName("f"),
                "shape: absent");
    }

    @Test
    void decode_withoutName_isRefused() {
        assertRefused(
                io.mimicore.proto.ir.v1.FunctionSignature.newBuilder()
                        .setRaw(RawShape.getDefaultInstance()),
                "name: absent");
    }

    @Test
    void decode_unknownNumericType_namesThePlace() {
        assertRefused(
                io.mimicore.proto.ir.v1.FunctionSignature.newBuilder()
                        .setName("f")
                        .setNumeric(NumericShape.newBuilder().addParametersValue(99)),
                "numeric.parameters[0].type: UNRECOGNIZED");
        assertRefused(
                io.mimicore.proto.ir.v1.FunctionSignature.newBuilder()
                        .setName("f")
                        .setNumeric(NumericShape.newBuilder().setResultValue(99)),
                "type: UNRECOGNIZED");
    }

    private static void assertRefused(
            io.mimicore.proto.ir.v1.FunctionSignature.Builder message, String reason) {
        assertThatThrownBy(() -> SignatureCodec.decode(message.build()))
                .isInstanceOf(MalformedIrException.class)
                .hasMessageStartingWith(reason);
    }
}
