package io.mimicore.compiler.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.dylibso.chicory.wasm.WasmWriter;
import com.dylibso.chicory.wasm.types.SectionId;
import io.mimicore.compiler.fixture.ModuleText;
import io.mimicore.compiler.fixture.ScriptedToolchain;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ModuleCostTest {
    private static final int MEBIBYTE = 1024 * 1024;
    private static final int NOP = 0x01;
    private static final long SEED = 20_261_124;

    @Test
    void of_smallModule_countsItsInstructions() {
        // local.get, i32.const, i32.shl, end
        assertThat(ModuleCost.of(ScriptedToolchain.module()).instructions()).isEqualTo(4);
    }

    @Test
    void of_everyKindOfImmediate_isSkipped() {
        byte[] wasm =
                ModuleText.withMemory()
                        .function(
                                "f", List.of(), List.of(), 0x02, // block
                                0x40, 0x43, // f32.const
                                0x0B, 0x0B, 0x0B, 0x0B, 0x44, // f64.const
                                0x0B, 0x0B, 0x0B, 0x0B, 0x0B, 0x0B, 0x0B, 0x0B, 0x42, // i64.const
                                0x80, 0x80, 0x0B, 0x28, // i32.load
                                0x02, 0x80, 0x0B, 0xFC, // memory.fill
                                0x0B, 0x00, 0xFD, // v128.const
                                0x0C, 0x0B, 0x0B, 0x0B, 0x0B, 0x0B, 0x0B, 0x0B, 0x0B, 0x0B, 0x0B,
                                0x0B, 0x0B, 0x0B, 0x0B, 0x0B, 0x0B, 0x1C, // select of a type
                                0x01, 0x7F, 0x0B) // end of the block
                        .assemble();

        // With the end of the function.
        assertThat(ModuleCost.of(wasm).instructions()).isEqualTo(10);
    }

    @Test
    void of_branchTable_countsItsTargets() {
        byte[] wasm =
                ModuleText.withMemory()
                        .function("f", List.of(), List.of(), 0x0E, 0x03, 0x00, 0x01, 0x02, 0x03)
                        .assemble();

        assertThat(ModuleCost.of(wasm).instructions()).isEqualTo(2 + 3);
    }

    @Test
    void of_codeOfOneByteInstructions_costsFarMoreThanItsSize() {
        int[] nops = new int[MEBIBYTE];
        Arrays.fill(nops, NOP);
        byte[] wasm = ModuleText.withMemory().function("f", List.of(), List.of(), nops).assemble();

        ModuleCost cost = ModuleCost.of(wasm);

        assertThat(cost.instructions()).isEqualTo(MEBIBYTE + 1);
        assertThat(cost.heapBytes()).isGreaterThan(100L * wasm.length);
    }

    @Test
    void of_localsDeclaredInAFewBytes_costWhatTheyBecome() {
        var bodies = new ByteArrayOutputStream();
        WasmWriter.writeVarUInt32(bodies, 1);
        // size, one run, 50 000 of type i32, end
        bodies.writeBytes(new byte[] {6, 1, (byte) 0xD0, (byte) 0x86, 3, 0x7F, 0x0B});
        var writer = new WasmWriter();
        writer.writeSection(SectionId.CODE, bodies.toByteArray());

        ModuleCost cost = ModuleCost.of(writer.bytes());

        assertThat(cost.instructions()).isEqualTo(1);
        assertThat(cost.heapBytes()).isGreaterThan(50_000 * Long.BYTES);
    }

    @Test
    void of_truncatedOrRandomBytes_isAtMostOneInstructionForEachByte() {
        var random = new Random(SEED);
        byte[] module = ScriptedToolchain.module();
        for (int i = 0; i < 20_000; i++) {
            byte[] wasm = Arrays.copyOf(module, random.nextInt(module.length + 8));
            for (int flips = random.nextInt(4); flips > 0 && wasm.length > 0; flips--) {
                wasm[random.nextInt(wasm.length)] = (byte) random.nextInt();
            }
            assertThat(ModuleCost.of(wasm).instructions())
                    .as("seed %s, input %s", SEED, i)
                    .isBetween(0L, (long) wasm.length);
        }
    }

    @Test
    void suffices_moreThanThereIs_isRefused() {
        var memory = new CompileMemory(2 * MEBIBYTE);

        assertThat(memory.suffices(new ModuleCost(1, 2 * MEBIBYTE))).isTrue();
        assertThat(memory.suffices(new ModuleCost(1, 2 * MEBIBYTE + 1))).isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CompileMemory(MEBIBYTE - 1))
                .withMessage("bytes: 1048575 (expected: at least 1048576)");
    }

    @Test
    void take_whileOthersHaveIt_waitsUntilTheyGiveItBack() throws Exception {
        var memory = new CompileMemory(4 * MEBIBYTE);
        var large = new ModuleCost(1, 3 * MEBIBYTE);
        var second = new CountDownLatch(1);
        Thread waiting;
        try (CompileMemory.Taken _ = memory.take(large)) {
            waiting =
                    Thread.ofVirtual()
                            .start(() -> {
                                try (CompileMemory.Taken _ = memory.take(large)) {
                                    second.countDown();
                                } catch (InterruptedException _) {
                                    Thread.currentThread().interrupt();
                                }
                            });
            assertThat(second.await(100, TimeUnit.MILLISECONDS)).isFalse();
        }

        assertThat(second.await(60, TimeUnit.SECONDS)).isTrue();
        waiting.join();
    }
}
