package io.mimicore.ir.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

class IrCodecFuzz {
    /// Any bytes are either refused, or exactly what encoding gives.
    @FuzzTest
    void decode_anything_isRefusedOrEncodedAlike(byte[] bytes) {
        try {
            assertThat(IrCodec.encode(IrCodec.decode(bytes))).isEqualTo(bytes);
        } catch (MalformedIrException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }
}
