package io.mimicore.dataplane.value;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class Utf8Test {
    @Test
    void isValid_generatedBytes_equalsTheStrictDecoder() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
        int[] heads = {
            0x00, 0x41, 0x7f, 0x80, 0xbf, 0xc1, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5
        };
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(6)];
            for (int j = 0; j < bytes.length; j++) {
                bytes[j] =
                        (byte)
                                (random.nextInt(3) == 0
                                        ? heads[random.nextInt(heads.length)]
                                        : 0x80 | random.nextInt(0x40));
            }
            assertThat(Utf8.isValid(bytes)).as("%s", (Object) bytes).isEqualTo(decodes(bytes));
        }
    }

    @Test
    void firstInvalid_brokenTail_pointsAtItsStart() {
        assertThat(Utf8.firstInvalid("aé".getBytes(UTF_8))).isEqualTo(3);
        assertThat(Utf8.firstInvalid(new byte[] {'a', (byte) 0xc3, 'b'})).isEqualTo(1);
        assertThat(Utf8.firstInvalid(new byte[] {'a', (byte) 0xe2, (byte) 0x82})).isEqualTo(1);
    }

    private static boolean decodes(byte[] bytes) {
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
