package io.mimicore.dataplane.wasm;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.WasmFunctionHandle;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// All that a guest can reach of its host: clocks, random bytes, a log, sleep and exit, by the
/// names of WASI preview 1. There are no files, no sockets, no arguments and no environment; calls
/// that would need them get an error number.
///
/// Host functions run with whatever stack the guest left them, so they call little: output only
/// goes into a buffer here, and is logged when the guest has ended. Confined to the guest's thread.
final class WasiHost {
    private static final int CLOCK_REALTIME = 0;
    private static final int CLOCK_MONOTONIC = 1;

    private static final int STDOUT = 1;
    private static final int STDERR = 2;

    private static final int IOVEC_BYTES = 8;

    /// Buffers in one write at most, as POSIX's IOV_MAX.
    private static final int IOVECS_MAX = 1024;

    /// Random bytes that are drawn at a time.
    private static final int RANDOM_CHUNK_BYTES = 8 << 10;

    private final Sources sources;
    private final GuestOutput output;

    /// @param output takes what the guest writes to stdout and stderr
    WasiHost(Sources sources, GuestOutput output) {
        this.sources = sources;
        this.output = output;
    }

    /// What the guest wrote.
    GuestOutput output() {
        return output;
    }

    /// The function of a name, or null for one that only fails.
    @Nullable WasmFunctionHandle find(String name) {
        return switch (name) {
            case "clock_time_get" -> (guest, args) -> result(clockTime(guest.memory(), args));
            case "clock_res_get" -> (guest, args) -> result(clockResolution(guest.memory(), args));
            case "random_get" -> (guest, args) -> result(random(guest.memory(), args));
            case "fd_write" -> (guest, args) -> result(write(guest.memory(), args));
            case "poll_oneoff" -> (guest, args) -> result(poll(guest.memory(), args));
            case "sched_yield", "args_get", "environ_get" -> (_, _) -> result(WasiErrno.SUCCESS);
            case "args_sizes_get", "environ_sizes_get" -> WasiHost::writeTwoZeros;
            case "proc_exit" -> WasiHost::exit;
            case "fd_prestat_get",
                    "fd_prestat_dir_name",
                    "fd_close",
                    "fd_read",
                    "fd_fdstat_get",
                    "fd_fdstat_set_flags",
                    "fd_filestat_get",
                    "fd_seek",
                    "fd_tell" ->
                    (_, _) -> result(WasiErrno.BADF);
            default -> null;
        };
    }

    /// What every call gets that is not offered.
    static long[] refuse(Instance guest, long... args) {
        return result(WasiErrno.NOSYS);
    }

    private int clockTime(Memory memory, long[] args) {
        long time;
        switch ((int) args[0]) {
            case CLOCK_REALTIME -> {
                Instant now = sources.clock().instant();
                time = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
            }
            case CLOCK_MONOTONIC -> time = sources.nanoTime().getAsLong();
            default -> {
                return WasiErrno.INVAL;
            }
        }
        memory.writeLong((int) args[2], time);
        return WasiErrno.SUCCESS;
    }

    private static int clockResolution(Memory memory, long[] args) {
        if (args[0] != CLOCK_REALTIME && args[0] != CLOCK_MONOTONIC) {
            return WasiErrno.INVAL;
        }
        memory.writeLong((int) args[1], 1);
        return WasiErrno.SUCCESS;
    }

    private int random(Memory memory, long[] args) {
        int address = (int) args[0];
        int left = (int) args[1];
        if (left < 0) {
            return WasiErrno.INVAL;
        }
        FreeStack.require(FreeStack.FRAMES_FOR_STATE);
        byte[] chunk = new byte[Math.min(left, RANDOM_CHUNK_BYTES)];
        while (left > 0) {
            requireTime();
            sources.random().nextBytes(chunk);
            int length = Math.min(left, chunk.length);
            memory.write(address, chunk, 0, length);
            address += length;
            left -= length;
        }
        return WasiErrno.SUCCESS;
    }

    private int write(Memory memory, long[] args) {
        int descriptor = (int) args[0];
        int vectors = (int) args[1];
        int count = (int) args[2];
        if (descriptor != STDOUT && descriptor != STDERR) {
            return WasiErrno.BADF;
        }
        if (count < 0 || count > IOVECS_MAX) {
            return WasiErrno.INVAL;
        }
        int written = 0;
        for (int i = 0; i < count; i++) {
            int address = memory.readInt(vectors + i * IOVEC_BYTES);
            int length = memory.readInt(vectors + i * IOVEC_BYTES + Integer.BYTES);
            output.append(memory, address, length);
            written += length;
        }
        memory.writeI32((int) args[3], written);
        return WasiErrno.SUCCESS;
    }

    private int poll(Memory memory, long[] args) {
        var poll = new WasiPoll(memory, sources, (int) args[0], (int) args[1]);
        int count = (int) args[2];
        if (count <= 0 || count > WasiPoll.SUBSCRIPTIONS_MAX) {
            return WasiErrno.INVAL;
        }
        long nanos = poll.nanosUntilFirst(count);
        if (nanos > 0) {
            sleep(nanos);
        }
        memory.writeI32((int) args[3], poll.report(count));
        return WasiErrno.SUCCESS;
    }

    /// Sleeps; the call's deadline ends it by interruption.
    private void sleep(long nanos) {
        long start = sources.nanoTime().getAsLong();
        long left = nanos;
        while (left > 0) {
            LockSupport.parkNanos(this, left);
            requireTime();
            left = nanos - (sources.nanoTime().getAsLong() - start);
        }
    }

    /// Fails when the call's deadline has come, as generated code does at calls and loops.
    private static void requireTime() {
        if (Thread.currentThread().isInterrupted()) {
            throw new ChicoryInterruptedException("interrupted");
        }
    }

    private static long[] writeTwoZeros(Instance guest, long... args) {
        guest.memory().writeI32((int) args[0], 0);
        guest.memory().writeI32((int) args[1], 0);
        return result(WasiErrno.SUCCESS);
    }

    private static long[] exit(Instance guest, long... args) {
        throw new GuestExit((int) args[0]);
    }

    private static long[] result(int errno) {
        return new long[] {errno};
    }

    /// Where a guest's time and random bytes come from.
    ///
    /// @param nanoTime a clock that never goes back, in nanoseconds from any origin
    record Sources(InstantSource clock, LongSupplier nanoTime, SecureRandom random) {}
}
