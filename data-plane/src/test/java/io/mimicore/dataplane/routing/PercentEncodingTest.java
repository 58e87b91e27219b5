package io.mimicore.dataplane.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PercentEncodingTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"%", "a%", "%4", "%4x", "%x4", "%%41", "%ff", "%c3", "%c3x", "%ed%a0%80"})
    void decode_malformed_isRefused(String text) {
        assertThat(PercentEncoding.decode(text, 0, text.length())).isNull();
        assertThat(PercentEncoding.isValid("/" + text)).isFalse();
    }

    @Test
    void decode_part_looksAtNothingElse() {
        assertThat(PercentEncoding.decode("/%zz/a%2fb/%", 5, 10)).isEqualTo("a/b");
    }

    @Test
    void decode_plus_isASpaceOnlyInQueries() {
        assertThat(PercentEncoding.decode("a+b", 0, 3)).isEqualTo("a+b");
        assertThat(PercentEncoding.decodeQuery("a+b%2B", 0, 6)).isEqualTo("a b+");
    }

    @Test
    void decode_otherDigits_areNotHex() {
        assertThat(PercentEncoding.decode("%\uff14\uff11", 0, 3)).isNull();
    }

    @Test
    void encode_everything_decodesToTheSame() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
        for (int i = 0; i < 500; i++) {
            var text = new StringBuilder();
            for (int j = 0; j < random.nextInt(12); j++) {
                int point = random.nextInt(0x11_0000);
                text.appendCodePoint(point >= 0xd800 && point < 0xe000 ? 'x' : point);
            }
            String encoded = PercentEncoding.encode(text.toString());

            assertThat(encoded).matches("([A-Za-z0-9._~-]|%[0-9A-F]{2})*");
            assertThat(PercentEncoding.decode(encoded, 0, encoded.length()))
                    .isEqualTo(text.toString());
            assertThat(PercentEncoding.decodeQuery(encoded, 0, encoded.length()))
                    .isEqualTo(text.toString());
        }
    }
}
