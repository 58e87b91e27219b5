package io.mimicore.dataplane.wasm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.dylibso.chicory.runtime.WasmRuntimeException;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class UserCodeLogTest {
    private static final int MEMORY_BYTES = 2 << 16;

    private final List<String> lines = new ArrayList<>();
    private final AtomicLong nanos = new AtomicLong();
    private final UserCodeLog log = new UserCodeLog(lines::add, nanos::get);
    private final FlatMemory memory =
            FlatMemory.zeroed(new MemoryLimits(2), 2, new MemoryBudget(MEMORY_BYTES));
    private final GuestOutput output = new GuestOutput();

    @Test
    void write_moreThanHundredLines_dropsAndSaysSoLater() {
        print("x\n".repeat(250));
        log.write(output);
        assertThat(lines).hasSize(100).containsOnly("x");

        nanos.addAndGet(1_000_000_000);
        output.clear();
        print("next");
        log.write(output);
        assertThat(lines.subList(100, 102))
                .containsExactly("(150 lines were dropped: more than 100 a second)", "next");
    }

    @Test
    void write_controlCharacters_areReplaced() {
        print("a\u001b[31mred\u0000\u0007\u202e\tb\r\nnext\u2028line");
        log.write(output);

        assertThat(lines).containsExactly("a?[31mred??? b", "next?line");
    }

    @Test
    void write_longLine_isCut() {
        print("x".repeat(5_000));
        log.write(output);

        assertThat(lines).containsExactly("x".repeat(1_000) + "…");
    }

    @Test
    void write_moreThanIsKept_endsWithANote() {
        for (int i = 0; i < 100; i++) {
            print("x".repeat(999) + "\n");
        }
        log.write(output);

        assertThat(lines.getLast()).isEqualTo("(the rest of what this call wrote was dropped)");
        assertThat(lines).hasSizeLessThan(100);
    }

    @Test
    void append_outOfBounds_trapsEvenWhenNothingIsKept() {
        for (int i = 0; i < 70; i++) {
            print("x".repeat(1_000));
        }

        assertThatExceptionOfType(WasmRuntimeException.class)
                .isThrownBy(() -> output.append(memory, MEMORY_BYTES - 10, 11));
        assertThatExceptionOfType(WasmRuntimeException.class)
                .isThrownBy(() -> output.append(memory, 0, -1));
        assertThatExceptionOfType(WasmRuntimeException.class)
                .isThrownBy(() -> output.append(memory, -1, 2));
        assertThatExceptionOfType(WasmRuntimeException.class)
                .isThrownBy(() -> output.append(memory, 100, Integer.MAX_VALUE));
    }

    @Test
    void find_prefix_givesTheRestOfItsFirstLine() {
        print("one\npanic: two\n\ngoroutine 1\npanic: three\n");

        assertThat(output.find("panic: ")).isEqualTo("two");
        assertThat(output.find("fatal error: ")).isNull();
    }

    private void print(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        memory.write(0, bytes, 0, bytes.length);
        output.append(memory, 0, bytes.length);
    }
}
