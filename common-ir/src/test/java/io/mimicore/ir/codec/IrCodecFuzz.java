package io.mimicore.ir.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.mimicore.fuzzing.SeededInputs;
import org.junit.jupiter.api.Test;

class IrCodecFuzz {
    /// Any bytes are either refused, or exactly what encoding gives.
    @FuzzTest(maxDuration = "60m", maxExecutions = 1_000_000)
    void decode_anything_isRefusedOrEncodedAlike(byte[] bytes) {
        try {
            assertThat(IrCodec.encode(IrCodec.decode(bytes))).isEqualTo(bytes);
        } catch (MalformedIrException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    @Test
    void decode_mutated_isRefusedOrEncodedAlike() {
        SeededInputs.of(
                        IrCodec.encode(EveryKindOfIr.routes()),
                        IrCodec.encode(EveryKindOfIr.proxy()))
                .feed(2, this::decode_anything_isRefusedOrEncodedAlike);
    }
}
