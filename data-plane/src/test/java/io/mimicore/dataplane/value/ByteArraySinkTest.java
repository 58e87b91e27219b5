package io.mimicore.dataplane.value;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimicore.dataplane.http.ByteSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ByteArraySinkTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "é", "aé€😀z", "€€€", "😀😀"})
    void writeUtf8_text_equalsTheJdk(String text) {
        var sink = new ByteArraySink(100);
        sink.writeUtf8(text);

        assertThat(sink.toByteArray()).isEqualTo(text.getBytes(UTF_8));
        assertThat(sink.toText()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\ud83d", "\ude00", "\ude00\ud83d", "a\ud83db"})
    void writeUtf8_loneSurrogate_becomesTheReplacement(String text) {
        var sink = new ByteArraySink(100);
        sink.writeUtf8(text);

        assertThat(sink.toText()).isEqualTo(text.replaceAll("[\ud800-\udfff]", "\ufffd"));
    }

    @Test
    void write_growing_keepsEverything() {
        var sink = new ByteArraySink(10_000);
        for (int i = 0; i < 5_000; i++) {
            sink.writeByte(i);
            sink.write(new byte[] {1, 2, (byte) i, 4}, 2, 1);
        }

        assertThat(sink.size()).isEqualTo(10_000);
        assertThat(sink.toByteArray()[9_999]).isEqualTo((byte) 4_999);
    }

    @Test
    void write_pastTheLimit_overflowsAndKeepsWhatWasWritten() {
        var sink = new ByteArraySink(4);
        sink.writeUtf8("abc");

        assertThatThrownBy(() -> sink.write(new byte[2]))
                .isInstanceOf(ByteSink.Overflow.class)
                .hasMessageContaining("4 bytes");
        assertThat(sink.toText()).isEqualTo("abc");
    }
}
