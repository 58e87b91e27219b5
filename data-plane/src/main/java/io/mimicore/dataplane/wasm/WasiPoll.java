package io.mimicore.dataplane.wasm;

import com.dylibso.chicory.runtime.Memory;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/// One `poll_oneoff`: waits for the earliest of its clocks. A subscription to a file descriptor is
/// ready at once, with an error, since there are no descriptors to wait for.
///
/// The layouts are those of WASI preview 1, `typenames.witx`: `subscription` and `event`.
final class WasiPoll {
    static final int SUBSCRIPTIONS_MAX = 256;

    private static final int SUBSCRIPTION_BYTES = 48;
    private static final int SUBSCRIPTION_KIND_AT = 8;
    private static final int SUBSCRIPTION_CLOCK_AT = 16;
    private static final int SUBSCRIPTION_TIMEOUT_AT = 24;
    private static final int SUBSCRIPTION_FLAGS_AT = 40;

    private static final int EVENT_BYTES = 32;
    private static final int EVENT_ERRNO_AT = 8;
    private static final int EVENT_KIND_AT = 10;

    private static final int KIND_CLOCK = 0;
    private static final int FLAG_ABSOLUTE = 1;

    private final Memory memory;
    private final WasiHost.Sources sources;
    private final int in;
    private final int out;
    private long waitedNanos;

    WasiPoll(Memory memory, WasiHost.Sources sources, int in, int out) {
        this.memory = memory;
        this.sources = sources;
        this.in = in;
        this.out = out;
    }

    /// Nanoseconds until something is ready, 0 for at once.
    long nanosUntilFirst(int count) {
        long earliest = Long.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            earliest = Math.min(earliest, nanosUntil(in + i * SUBSCRIPTION_BYTES));
        }
        waitedNanos = earliest;
        return earliest;
    }

    /// Writes an event for each subscription that was ready after that wait.
    ///
    /// @return how many
    int report(int count) {
        int events = 0;
        for (int i = 0; i < count; i++) {
            int subscription = in + i * SUBSCRIPTION_BYTES;
            // The clocks went on meanwhile, so an absolute time that was waited for has come.
            if (nanosUntil(subscription) <= (isAbsolute(subscription) ? 0 : waitedNanos)) {
                writeEvent(out + events * EVENT_BYTES, subscription);
                events++;
            }
        }
        return events;
    }

    private long nanosUntil(int subscription) {
        if (memory.read(subscription + SUBSCRIPTION_KIND_AT) != KIND_CLOCK) {
            return 0;
        }
        long timeout = memory.readLong(subscription + SUBSCRIPTION_TIMEOUT_AT);
        if (timeout < 0) {
            timeout = Long.MAX_VALUE; // an unsigned number
        }
        if (isAbsolute(subscription)) {
            timeout -= now(memory.readInt(subscription + SUBSCRIPTION_CLOCK_AT));
        }
        return Math.max(0, timeout);
    }

    private boolean isAbsolute(int subscription) {
        return memory.read(subscription + SUBSCRIPTION_KIND_AT) == KIND_CLOCK
                && (memory.readShort(subscription + SUBSCRIPTION_FLAGS_AT) & FLAG_ABSOLUTE) != 0;
    }

    private long now(int clock) {
        if (clock != 0) {
            return sources.nanoTime().getAsLong();
        }
        Instant now = sources.clock().instant();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }

    private void writeEvent(int event, int subscription) {
        byte kind = memory.read(subscription + SUBSCRIPTION_KIND_AT);
        memory.fill((byte) 0, event, event + EVENT_BYTES);
        memory.writeLong(event, memory.readLong(subscription));
        memory.writeShort(
                event + EVENT_ERRNO_AT,
                (short) (kind == KIND_CLOCK ? WasiErrno.SUCCESS : WasiErrno.BADF));
        memory.writeByte(event + EVENT_KIND_AT, kind);
    }
}
