package io.mimicore.dataplane.value;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumberTextTest {
    // Expected texts as ECMA-262 Number::toString gives them.
    @ParameterizedTest
    @CsvSource({
        "1.0, 1",
        "1.5, 1.5",
        "-0.0, 0",
        "0.1, 0.1",
        "-123.456, -123.456",
        "100, 100",
        "123456789012345680000, 123456789012345680000",
        "1e20, 100000000000000000000",
        "1e21, 1e+21",
        "1.5e300, 1.5e+300",
        "0.000001, 0.000001",
        "0.0000015, 0.0000015",
        "0.0000001, 1e-7",
        "1.25e-9, 1.25e-9",
        "5e-324, 5e-324",
        "1e-323, 1e-323",
        "1.5e-323, 1.5e-323",
        "2e-323, 2e-323",
        "1.7976931348623157e308, 1.7976931348623157e+308",
        "9007199254740993, 9007199254740992",
        "0.30000000000000004, 0.30000000000000004",
    })
    void write_double_printsAsJavaScript(double value, String expected) {
        assertThat(print(value)).isEqualTo(expected);
    }

    @Test
    void write_generatedDoubles_readBackTheSame() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(3);
        for (int i = 0; i < 20_000; i++) {
            double value =
                    i % 2 == 0
                            ? Double.longBitsToDouble(random.nextLong())
                            : (random.nextInt(2_000_000) - 1_000_000) / 1000.0;
            if (Double.isFinite(value)) {
                String text = print(value);
                assertThat(Double.parseDouble(text)).as(text).isEqualTo(value + 0.0);
                assertThat(text).matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?(e[+-][0-9]+)?");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, 9, 10, 99, 100, -1000, Long.MAX_VALUE, Long.MIN_VALUE})
    void write_long_printsDecimal(long value) {
        var sink = new ByteArraySink(100);
        NumberText.write(value, sink);
        var unsigned = new ByteArraySink(100);
        NumberText.writeUnsigned(value, unsigned);

        assertThat(sink.toText()).isEqualTo(Long.toString(value));
        assertThat(unsigned.toText()).isEqualTo(Long.toUnsignedString(value));
        assertThat(new BigInteger(unsigned.toText()).longValue()).isEqualTo(value);
    }

    private static String print(double value) {
        var sink = new ByteArraySink(100);
        NumberText.write(value, sink);
        return sink.toText();
    }
}
