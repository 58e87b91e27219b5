package io.mimicore.dataplane.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.mimicore.artifact.Artifact;
import io.mimicore.dataplane.code.CodeFailure;
import io.mimicore.dataplane.code.CodePool;
import io.mimicore.dataplane.code.CodePoolFactory.PrepareException;
import io.mimicore.dataplane.value.Value;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.NumericType;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What no Go program does, in a few instructions each.
class HandmadeModuleTest {
    private final PoolFixture node = new PoolFixture();

    @AfterEach
    void stop() {
        node.close();
    }

    @Test
    void trap_unreachable_failsWithItsName() throws PrepareException {
        assertThat(failureOf(0x00))
                .isEqualTo(
                        new CodeFailure(
                                CodeFailure.Kind.TRAP,
                                "f",
                                "f: trap: Trapped on unreachable instruction"));
    }

    @Test
    void trap_divisionByZero_failsWithItsName() throws PrepareException {
        // i64.const 1, i64.const 0, i64.div_s
        assertThat(failureOf(0x42, 1, 0x42, 0, 0x7F).message())
                .isEqualTo("f: trap: integer divide by zero");
    }

    @Test
    void trap_recursion_failsAndTheNextCallIsRight() throws PrepareException {
        // f calls itself
        var module = new ModuleWriter().function("f", 0x10, 0).function("ok", 0x42, 7);
        try (CodePool pool = node.prepare(artifact(module, "f", "ok"))) {
            for (int i = 0; i < 20; i++) {
                assertThat(call(pool, 0)).isEqualTo(failed("f: trap: call stack exhausted"));
                assertThat(call(pool, 1)).isEqualTo(returned(7));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                65_529, // the last byte is one too far
                65_536,
                Integer.MAX_VALUE - 7,
                Integer.MAX_VALUE,
                Integer.MIN_VALUE, // 2^31
                -8 // 2^32 - 8
            })
    void trap_storeOutOfBounds_failsWithItsName(int address) throws PrepareException {
        byte[] operand = ModuleWriter.signed(address);
        int[] code = code(bytes(0x41), operand, bytes(0x42, 1, 0x37, 3, 0, 0x42, 0));

        assertThat(failureOf(code).message()).isEqualTo("f: trap: out of bounds memory access");
    }

    @Test
    void store_atTheLastBytes_isInBounds() throws PrepareException {
        byte[] operand = ModuleWriter.signed(65_528);
        // store 5 there, load it
        var module =
                new ModuleWriter()
                        .function(
                                "f",
                                code(
                                        bytes(0x41),
                                        operand,
                                        bytes(0x42, 5, 0x37, 3, 0, 0x41),
                                        operand,
                                        bytes(0x29, 3, 0)));
        try (CodePool pool = node.prepare(artifact(module, "f"))) {
            assertThat(call(pool, 0)).isEqualTo(returned(5));
        }
    }

    @Test
    void memory_grownAndWritten_isAsBeforeInTheNextCall() throws PrepareException {
        // memory.size + 1000 * i64.load8_u(0); then writes 9 there and grows by two pages
        var module =
                new ModuleWriter()
                        .function(
                                "f",
                                code(
                                        bytes(0x3F, 0, 0xAD, 0x41, 0, 0x31, 0, 0, 0x42),
                                        ModuleWriter.signed(1000),
                                        bytes(
                                                0x7E, 0x7C, 0x41, 0, 0x41, 9, 0x3A, 0, 0, 0x41, 2,
                                                0x40, 0, 0x1A)));
        try (CodePool pool = node.prepare(artifact(module, "f"))) {
            for (int i = 0; i < 3; i++) {
                assertThat(call(pool, 0)).isEqualTo(returned(1));
            }
        }
    }

    @Test
    void memory_growBeyondItsOwnMaximum_givesMinusOne() throws PrepareException {
        var module = new ModuleWriter().memory(1, 3).function("f", 0x41, 3, 0x40, 0, 0xAC);
        try (CodePool pool = node.prepare(artifact(module, "f"))) {
            assertThat(call(pool, 0)).isEqualTo(returned(-1));
        }
    }

    @Test
    void globals_notExported_areAsBeforeInTheNextCall() throws PrepareException {
        // returns the global, after adding one to it
        var module =
                new ModuleWriter()
                        .global(ModuleWriter.I64, 0x42, 40)
                        .function("f", 0x23, 0, 0x42, 1, 0x7C, 0x24, 0, 0x23, 0)
                        .action("_initialize", 0x42, 60, 0x24, 0);
        try (CodePool pool = node.prepare(artifact(module, "f"))) {
            assertThat(call(pool, 0)).isEqualTo(returned(61));
            assertThat(call(pool, 0)).isEqualTo(returned(61));
        }
    }

    @Test
    void passiveSegment_droppedInACall_isThereInTheNextOne() throws PrepareException {
        // memory.init 8 bytes at 0, data.drop, load
        var module =
                new ModuleWriter()
                        .passive("\1\0\0\0\0\0\0\0")
                        .function(
                                "f", 0x41, 0, 0x41, 0, 0x41, 8, 0xFC, 8, 0, 0, 0xFC, 9, 0, 0x41, 0,
                                0x29, 3, 0);
        try (CodePool pool = node.prepare(artifact(module, "f"))) {
            assertThat(call(pool, 0)).isEqualTo(returned(1));
            assertThat(call(pool, 0)).isEqualTo(returned(1));
        }
    }

    @Test
    void activeSegmentAndStart_runOnceBeforeTheImage() throws PrepareException {
        // the start function adds one to what the segment put at 0
        var module =
                new ModuleWriter()
                        .active(0, "\7")
                        .function("f", 0x41, 0, 0x31, 0, 0)
                        .action("begin", 0x41, 0, 0x41, 0, 0x2D, 0, 0, 0x41, 1, 0x6A, 0x3A, 0, 0)
                        .start(1);
        try (CodePool pool = node.prepare(artifact(module, "f"))) {
            assertThat(call(pool, 0)).isEqualTo(returned(8));
            // A broken instance is replaced by one that does not run the start function again.
            assertThat(call(pool, 0)).isEqualTo(returned(8));
        }
    }

    @Test
    void warmFunction_thatTraps_isDoneWithout() throws PrepareException {
        var module =
                new ModuleWriter()
                        .global(ModuleWriter.I64, 0x42, 1)
                        .function("f", 0x23, 0)
                        .action("mimicore_warm", 0x42, 9, 0x24, 0, 0x00);
        try (CodePool pool = node.prepare(artifact(module, "f"))) {
            assertThat(call(pool, 0)).isEqualTo(returned(1));
        }
    }

    @Test
    void warmFunction_runsBeforeTheImage() throws PrepareException {
        var module =
                new ModuleWriter()
                        .global(ModuleWriter.I64, 0x42, 0)
                        .function("f", 0x23, 0)
                        .action("mimicore_warm", 0x23, 0, 0x42, 1, 0x7C, 0x24, 0);
        try (CodePool pool = node.prepare(artifact(module, "f"))) {
            assertThat(call(pool, 0)).isEqualTo(returned(3));
        }
    }

    @Test
    void table_setInACall_traps() throws PrepareException {
        // table.set 0 (0) to null
        var module =
                new ModuleWriter().table(2).function("f", 0x41, 0, 0xD0, 0x70, 0x26, 0, 0x42, 0);
        try (CodePool pool = node.prepare(artifact(module, "f"))) {
            assertThat(call(pool, 0))
                    .isEqualTo(
                            failed("f: trap: a table cannot change after the module has started"));
        }
    }

    @Test
    void allocator_withoutRoom_failsAsResult() throws PrepareException {
        var module =
                new ModuleWriter()
                        .intFunction("mimicore_alloc", 0x41, 0xC0, 0xFF, 3) // the last 64 bytes
                        .bytesFunction("f", 0x42, 0);
        var signature = List.<FunctionSignature>of(new FunctionSignature.Raw("f"));
        try (CodePool pool = node.prepare(TestArtifacts.of(module.write(), signature))) {
            assertThat(call(pool, 0, new Value.Text("x".repeat(65))))
                    .isEqualTo(
                            new PoolFixture.Outcome.Failed(
                                    new CodeFailure(
                                            CodeFailure.Kind.RESULT,
                                            "f",
                                            "f: its allocator gave no room for an argument of 65"
                                                    + " bytes")));
        }
    }

    @Test
    void wasi_functionThatIsNotOffered_givesAnError() throws PrepareException {
        var module =
                new ModuleWriter()
                        .importFunction("wasi_snapshot_preview1", "sock_accept", ModuleWriter.I32)
                        .importFunction(
                                "wasi_snapshot_preview1", "fd_prestat_get", ModuleWriter.I32)
                        // 100 * sock_accept(0) + fd_prestat_get(0)
                        .function(
                                "f",
                                code(
                                        bytes(0x41, 0, 0x10, 0, 0xAC, 0x42),
                                        ModuleWriter.signed(100),
                                        bytes(0x7E, 0x41, 0, 0x10, 1, 0xAC, 0x7C)));
        try (CodePool pool = node.prepare(artifact(module, "f"))) {
            assertThat(call(pool, 0)).isEqualTo(returned(100L * WasiErrno.NOSYS + WasiErrno.BADF));
        }
    }

    @Test
    void wasi_hostileAddresses_trap() throws PrepareException {
        int i32 = ModuleWriter.I32;
        // fd_write(1, -4, 1, 0)
        var module =
                new ModuleWriter()
                        .importFunction("wasi_snapshot_preview1", "fd_write", i32, i32, i32, i32)
                        .function("f", 0x41, 1, 0x41, 0x7C, 0x41, 1, 0x41, 0, 0x10, 0, 0xAC);
        try (CodePool pool = node.prepare(artifact(module, "f"))) {
            assertThat(call(pool, 0)).isEqualTo(failed("f: trap: out of bounds memory access"));
        }
    }

    @Test
    void prepare_importFromElsewhere_isRefused() {
        refused(
                new ModuleWriter().importFunction("env", "host").function("f", 0x42, 0),
                "import: env.host (expected: only functions of wasi_snapshot_preview1)");
    }

    @Test
    void prepare_wasiImportOfOtherType_isRefused() {
        refused(
                new ModuleWriter()
                        .importFunction("wasi_snapshot_preview1", "fd_write", ModuleWriter.I64)
                        .function("f", 0x42, 0),
                "import: fd_write of type");
    }

    /// Before, the first call found out.
    @Test
    void prepare_allocatorWithoutRoom_isRefusedByTheSelfTest() {
        refused(
                new ModuleWriter().intFunction("mimicore_alloc", 0x41, 0).function("f", 0x42, 0),
                "self-test: its allocator gave no room for an argument of 16 bytes");
    }

    @Test
    void prepare_startThatTraps_isRefused() {
        refused(
                new ModuleWriter().function("f", 0x42, 0).action("_initialize", 0x00),
                "start: _initialize: trap: Trapped on unreachable instruction");
        refused(
                new ModuleWriter().function("f", 0x42, 0).action("begin", 0x00).start(1),
                "start: Trapped on unreachable instruction");
    }

    @Test
    void prepare_memoryBeyondTheLimit_isRefused() {
        refused(
                new ModuleWriter().memory(1025, 2000).function("f", 0x42, 0),
                "module: it starts with 1025 pages of 64 KiB (expected: at most max_memory_mb,"
                        + " 1024)");
    }

    @Test
    void prepare_noMemory_isRefused() {
        refused(
                new ModuleWriter().rawMemory().function("f", 0x42, 0),
                "module: it has not one memory (expected: one of its own)");
    }

    @Test
    void prepare_sharedMemory_isRefused() {
        refused(
                new ModuleWriter().rawMemory(3, 1, 2).function("f", 0x42, 0),
                "module: its memory is shared (expected: not shared)");
    }

    @Test
    void prepare_variableReference_isRefused() {
        refused(
                new ModuleWriter()
                        .global(ModuleWriter.EXTERNREF, 0xD0, ModuleWriter.EXTERNREF)
                        .function("f", 0x42, 0),
                "module: global 0 is a variable reference (expected: a number)");
    }

    @Test
    void prepare_hugeTable_isRefused() {
        refused(
                new ModuleWriter().table(1_000_001).function("f", 0x42, 0),
                "module: 1000001 table entries (expected: at most 1000000)");
    }

    @Test
    void prepare_functionThatIsNotExported_isRefused() {
        refused(
                new ModuleWriter().function("g", 0x42, 0),
                "function: f (expected: exported by the module)");
    }

    @Test
    void prepare_functionOfOtherType_isRefused() {
        refused(new ModuleWriter().action("f"), "function: f has type");
    }

    private CodeFailure failureOf(int... code) throws PrepareException {
        var module = new ModuleWriter().function("f", code).function("ok", 0x42, 7);
        try (CodePool pool = node.prepare(artifact(module, "f", "ok"))) {
            PoolFixture.Outcome outcome = call(pool, 0);
            assertThat(call(pool, 1)).isEqualTo(returned(7));
            return ((PoolFixture.Outcome.Failed) outcome).failure();
        }
    }

    private void refused(ModuleWriter module, String message) {
        assertThatExceptionOfType(PrepareException.class)
                .isThrownBy(() -> node.prepare(artifact(module, "f")))
                .withMessageStartingWith(message);
    }

    private static Artifact artifact(ModuleWriter module, String... functions) {
        return TestArtifacts.of(
                module.write(),
                List.of(functions).stream()
                        .<FunctionSignature>map(name ->
                                new FunctionSignature.Numeric(name, List.of(), NumericType.INT64))
                        .toList());
    }

    private static PoolFixture.Outcome call(CodePool pool, int function, Value... arguments) {
        return PoolFixture.await(PoolFixture.start(pool, function, arguments));
    }

    private static PoolFixture.Outcome returned(long number) {
        return new PoolFixture.Outcome.Returned(Value.Whole.of(number));
    }

    private static PoolFixture.Outcome failed(String message) {
        return new PoolFixture.Outcome.Failed(new CodeFailure(CodeFailure.Kind.TRAP, "f", message));
    }

    private static byte[] bytes(int... values) {
        return ModuleWriter.bytes(values);
    }

    private static int[] code(byte[]... parts) {
        byte[] all = ModuleWriter.concat(parts);
        int[] code = new int[all.length];
        for (int i = 0; i < code.length; i++) {
            code[i] = all[i];
        }
        return code;
    }
}
