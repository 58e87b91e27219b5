package io.mimicore.dataplane.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.driver.FuzzedDataProviderImpl;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.WasmFunctionHandle;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import io.mimicore.fuzzing.SeededInputs;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Host functions with any arguments and any memory: an error number, a trap or an exit, nothing
/// else.
class WasiHostFuzz {
    private static final List<String> FUNCTIONS =
            List.of(
                    "clock_time_get",
                    "clock_res_get",
                    "random_get",
                    "fd_write",
                    "poll_oneoff",
                    "sched_yield",
                    "args_get",
                    "args_sizes_get",
                    "environ_get",
                    "environ_sizes_get",
                    "proc_exit",
                    "fd_prestat_get",
                    "fd_read");
    private static final WasmModule EMPTY = Parser.parse(new ModuleWriter().write());

    @FuzzTest(maxDuration = "60m", maxExecutions = 1_000_000)
    void anyCall_endsInAKnownWay(FuzzedDataProvider data) {
        FlatMemory memory = FlatMemory.zeroed(new MemoryLimits(1), 1, new MemoryBudget(1L << 20));
        Instance instance = Instance.builder(EMPTY).withMemoryFactory(_ -> memory).build();
        var output = new GuestOutput();
        var host = new WasiHost(sources(), output);
        WasmFunctionHandle function = host.find(data.pickValue(FUNCTIONS));
        assertThat(function).isNotNull();
        long[] arguments = new long[4];
        for (int i = 0; i < arguments.length; i++) {
            // Small ones are addresses of the bytes below, or counts.
            arguments[i] = data.consumeBoolean() ? data.consumeInt(0, 300) : data.consumeInt();
        }
        byte[] content = data.consumeRemainingAsBytes();
        memory.write(0, content, 0, Math.min(content.length, 1 << 16));

        try {
            assertThat(function.apply(instance, arguments)).hasSize(1);
        } catch (ChicoryException | GuestExit e) {
            assertThat(e).hasMessageNotContaining("Exception");
        }
        new UserCodeLog(
                        line -> {
                            assertThat(line).doesNotContainPattern("\\p{Cntrl}");
                            assertThat(line).hasSizeLessThan(1_002);
                        },
                        () -> 0)
                .write(output);
    }

    @Test
    void mutatedCalls_endInAKnownWay() {
        byte[] some = new byte[96];
        new Random(5).nextBytes(some);
        SeededInputs.of(some, new byte[200])
                .feed(
                        5,
                        bytes ->
                                anyCall_endsInAKnownWay(
                                        FuzzedDataProviderImpl.withJavaData(bytes)));
    }

    /// A clock that runs ahead with each look, so that no sleep takes real time.
    private static WasiHost.Sources sources() {
        var nanos = new AtomicLong();
        return new WasiHost.Sources(
                InstantSource.fixed(Instant.EPOCH),
                () -> nanos.getAndAdd(Long.MAX_VALUE / 4),
                new SecureRandom());
    }
}
