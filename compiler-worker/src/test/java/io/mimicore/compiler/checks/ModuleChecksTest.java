package io.mimicore.compiler.checks;

import static io.mimicore.compiler.fixture.ModuleText.EXTERNREF;
import static io.mimicore.compiler.fixture.ModuleText.F32;
import static io.mimicore.compiler.fixture.ModuleText.F64;
import static io.mimicore.compiler.fixture.ModuleText.I32;
import static io.mimicore.compiler.fixture.ModuleText.I64;
import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.wasm.WasmWriter;
import io.mimicore.build.SourceProblem;
import io.mimicore.compiler.fixture.ModuleText;
import io.mimicore.compiler.toolchain.Compilation.Compiled;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.NumericType;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModuleChecksTest {
    @Test
    void check_prebuiltModule_offersWhatTemplatesCanCall() {
        ModuleText module =
                ModuleText.withMemory()
                        .function("whole", List.of(I32, I64), List.of(I64))
                        .function("real", List.of(F32), List.of(F64))
                        .function("silent", List.of(I32), List.of())
                        .function("pair", List.of(I32), List.of(I32, I32))
                        .function("opaque", List.of(EXTERNREF), List.of())
                        .function("bytes", List.of(I32, I32), List.of(I64))
                        .function("no-name", List.of(), List.of())
                        .function("_initialize", List.of(), List.of())
                        .function("mimicore_alloc", List.of(I32), List.of(I32))
                        .function("mimicore_warm", List.of(), List.of());

        assertThat(functions(module))
                .containsExactly(
                        new FunctionSignature.Numeric(
                                "whole",
                                List.of(NumericType.INT32, NumericType.INT64),
                                NumericType.INT64),
                        new FunctionSignature.Numeric(
                                "real", List.of(NumericType.FLOAT32), NumericType.FLOAT64),
                        new FunctionSignature.Numeric("silent", List.of(NumericType.INT32), null),
                        new FunctionSignature.Raw("bytes"));
    }

    @Test
    void check_bytesWithoutAllocator_isNumeric() {
        assertThat(
                        functions(
                                ModuleText.withMemory()
                                        .function("f", List.of(I32, I32), List.of(I64))))
                .containsExactly(
                        new FunctionSignature.Numeric(
                                "f",
                                List.of(NumericType.INT32, NumericType.INT32),
                                NumericType.INT64));
    }

    @Test
    void check_allowedImports_pass() {
        assertThat(
                        functions(
                                ModuleText.withMemory()
                                        .importFunction(WasiCalls.MODULE, "path_open")
                                        .importFunction(WasiCalls.MODULE, "fd_write")
                                        .function("f", List.of(), List.of())))
                .hasSize(1);
    }

    @Test
    void check_foreignImports_areEachNamedOnce() {
        ModuleText module =
                ModuleText.withMemory()
                        .importFunction("env", "system")
                        .importFunction("env", "system")
                        .importFunction(WasiCalls.MODULE, "sock_open")
                        .importFunction("wasi_snapshot_preview2", "fd_write")
                        .function("f", List.of(), List.of());

        assertThat(problems(module))
                .extracting(SourceProblem::message)
                .containsExactly(
                        "import: env.system (expected: functions of wasi_snapshot_preview1)",
                        "import: wasi_snapshot_preview1.sock_open (expected: functions of"
                                + " wasi_snapshot_preview1)",
                        "import: wasi_snapshot_preview2.fd_write (expected: functions of"
                                + " wasi_snapshot_preview1)");
    }

    @Test
    void check_command_isRefused() {
        assertCodes(
                ModuleText.withMemory()
                        .function("_start", List.of(), List.of())
                        .function("f", List.of(), List.of()),
                "WASM_COMMAND");
    }

    @Test
    void check_noMemory_isRefused() {
        assertCodes(ModuleText.empty().function("f", List.of(), List.of()), "WASM_MEMORY");
    }

    @Test
    void check_moreMemoryThanAnyNodeGives_isRefused() {
        ModuleText largest = ModuleText.empty().memory(32_752).function("f", List.of(), List.of());
        assertThat(functions(largest)).hasSize(1);

        assertCodes(
                ModuleText.empty().memory(32_753).function("f", List.of(), List.of()),
                "WASM_MEMORY");
    }

    @Test
    void check_variableReference_isRefused() {
        assertCodes(
                ModuleText.withMemory().variableReference().function("f", List.of(), List.of()),
                "WASM_STATE");
    }

    @Test
    void check_nothingToCall_isRefused() {
        assertCodes(
                ModuleText.withMemory().function("_initialize", List.of(), List.of()),
                "WASM_NO_FUNCTIONS");
    }

    @Test
    void check_reservedNamesOfOtherTypes_areRefused() {
        assertCodes(
                ModuleText.withMemory()
                        .function("_initialize", List.of(I32), List.of())
                        .function("mimicore_alloc", List.of(), List.of())
                        .function("f", List.of(), List.of()),
                "WASM_EXPORT",
                "WASM_EXPORT");
    }

    @Test
    void check_bytesWithoutExportedMemory_areRefused() {
        assertCodes(
                ModuleText.empty()
                        .memory(1)
                        .function("mimicore_alloc", List.of(I32), List.of(I32))
                        .function("f", List.of(I32, I32), List.of(I64)),
                "WASM_EXPORT");
    }

    @Test
    void check_announcedFunctions_mustBeExportedWithTheirTypes() {
        byte[] wasm =
                ModuleText.withMemory()
                        .function("there", List.of(I32), List.of(I32))
                        .function("other", List.of(I32), List.of(I64))
                        .assemble();
        List<FunctionSignature> announced =
                List.of(
                        new FunctionSignature.Numeric(
                                "there", List.of(NumericType.UINT8), NumericType.BOOL),
                        new FunctionSignature.Numeric(
                                "other", List.of(NumericType.INT32), NumericType.INT32),
                        new FunctionSignature.Json("gone", List.of(), true, false));

        CheckOutcome outcome = ModuleChecks.check(new Compiled(wasm, announced, true));

        assertThat(outcome).isInstanceOf(CheckOutcome.Refused.class);
        assertThat(((CheckOutcome.Refused) outcome).problems())
                .extracting(SourceProblem::message)
                .containsExactly(
                        "other: (I32) -> (I64) (expected: (I32) -> (I32))",
                        "gone is not exported",
                        "mimicore_alloc is not exported");
    }

    @Test
    void check_truncatedModules_areRefusedAtEveryLength() {
        byte[] whole =
                ModuleText.withMemory()
                        .importFunction(WasiCalls.MODULE, "fd_write")
                        .function("f", List.of(I32), List.of(I32), 0x20, 0x00)
                        .assemble();

        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThat(ModuleChecks.check(new Compiled(cut, List.of(), false)))
                    .as("first " + length + " bytes")
                    .isInstanceOf(CheckOutcome.Refused.class);
        }
        assertThat(ModuleChecks.check(new Compiled(whole, List.of(), false)))
                .isInstanceOf(CheckOutcome.Passed.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void check_mutatedModules_areJudgedAndNeverBreakTheChecks(long seed) {
        byte[] whole =
                ModuleText.withMemory()
                        .importFunction(WasiCalls.MODULE, "fd_write")
                        .function("f", List.of(I32), List.of(I32), 0x20, 0x00)
                        .function("mimicore_alloc", List.of(I32), List.of(I32), 0x20, 0x00)
                        .assemble();
        var random = new SplittableRandom(seed);

        for (int round = 0; round < 2_000; round++) {
            byte[] mutated = whole.clone();
            int changes = random.nextInt(1, 6);
            for (int change = 0; change < changes; change++) {
                mutated[random.nextInt(8, mutated.length)] = (byte) random.nextInt(256);
            }
            assertThat(ModuleChecks.check(new Compiled(mutated, List.of(), false)))
                    .as("seed " + seed + ", round " + round)
                    .isNotNull();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 6, 7, 9, 10, 11})
    void check_countsOfBillions_areRefusedWithoutAllocatingThem(int section) {
        var writer = new WasmWriter();
        writer.writeSection(
                section, new byte[] {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x07});

        assertThat(ModuleChecks.check(new Compiled(writer.bytes(), List.of(), false)))
                .isInstanceOf(CheckOutcome.Refused.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x6A, 0x0B, 0x0C, 0xFC, 0x41})
    void check_invalidBodies_areRefused(int opcode) {
        assertCodes(
                ModuleText.withMemory().function("f", List.of(), List.of(I32), opcode),
                "WASM_MALFORMED");
    }

    private static List<FunctionSignature> functions(ModuleText module) {
        CheckOutcome outcome =
                ModuleChecks.check(new Compiled(module.assemble(), List.of(), false));
        assertThat(outcome).isInstanceOf(CheckOutcome.Passed.class);
        return ((CheckOutcome.Passed) outcome).functions();
    }

    private static void assertCodes(ModuleText module, String... codes) {
        assertThat(problems(module)).extracting(SourceProblem::code).containsExactly(codes);
    }

    private static List<SourceProblem> problems(ModuleText module) {
        CheckOutcome outcome =
                ModuleChecks.check(new Compiled(module.assemble(), List.of(), false));
        assertThat(outcome).isInstanceOf(CheckOutcome.Refused.class);
        return ((CheckOutcome.Refused) outcome).problems();
    }
}
