package io.mimicore.dataplane.wasm;

import com.dylibso.chicory.wasm.ChicoryException;
import io.mimicore.dataplane.code.CodePoolFactory.PrepareException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Starts a module once, and takes the [WarmImage] that all its instances begin with.
///
/// Go's runtime takes about 50 ms to start, and the first call of `encoding/json` builds tables for
/// types; with an image, no call pays for either. So the image is taken after `mimicore_warm` went
/// through the module's functions some times. Then one instance of the image is tried out: it must
/// take an argument, give it back, and be the image again after its reset.
final class WarmStart {
    /// For a thread to notice its interruption.
    private static final long STOP_MILLIS_MAX = 5_000;

    /// Each goes through all functions several times.
    private static final int WARM_CALLS = 3;

    /// No further warm call begins after this.
    private static final long WARM_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(500);

    /// Exported functions of the module that take and return nothing.
    static final List<String> ACTIONS = List.of("_initialize", "mimicore_warm");

    /// Bytes of the argument that is passed on trial.
    private static final int TRIAL_BYTES = 16;

    private static final String INITIALIZE = "_initialize";
    private static final String WARM = "mimicore_warm";

    private final GuestModule module;
    private final int maxMemoryMib;
    private final UserCodeLog log;
    private final LongSupplier nanoTime;

    /// @param maxMemoryMib the limit that `module` has, for messages
    /// @param log takes what the module writes while it starts
    WarmStart(GuestModule module, int maxMemoryMib, UserCodeLog log, LongSupplier nanoTime) {
        this.module = module;
        this.maxMemoryMib = maxMemoryMib;
        this.log = log;
        this.nanoTime = nanoTime;
    }

    /// Runs the start on a thread of its own and waits for it.
    ///
    /// @param patience for all of it
    /// @throws PrepareException if the module fails to start, or takes too long
    WarmImage take(String api, Duration patience) throws PrepareException {
        var task = new FutureTask<>(this::start);
        var thread = new Thread(null, task, "wasm-start-" + api, Runners.STACK_BYTES);
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            stop(thread);
            throw new PrepareException("start: not done after " + patience.toMillis() + " ms");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof PrepareException failed
                    ? failed
                    : new PrepareException("start: " + e.getCause(), e);
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
            throw new PrepareException("start: interrupted", e);
        }
    }

    private static void stop(Thread thread) {
        thread.interrupt();
        try {
            thread.join(STOP_MILLIS_MAX);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private WarmImage start() throws PrepareException {
        WarmImage image = warmImage();
        tryOut(image);
        return image;
    }

    /// @throws PrepareException if an instance of the image does not do what calls need
    // As in CallResult: generated code throws what it will.
    @SuppressWarnings("IllegalCatch")
    private void tryOut(WarmImage image) throws PrepareException {
        Guest guest;
        try {
            guest = module.guestOf(image);
        } catch (MemoryBudget.ExhaustedException e) {
            throw new PrepareException("self-test: " + e.getMessage(), e);
        }
        try {
            if (module.exports(Guest.ALLOCATOR)) {
                requireEcho(guest);
            }
            guest.reset(image);
            if (!image.isStateOf(guest.instance(), guest.memory())) {
                throw new PrepareException(
                        "self-test: an instance is not the warm image after its reset (expected: the"
                                + " same memory and globals)");
            }
        } catch (CallFailedException | RuntimeException | Error e) {
            String reason = e instanceof CallFailedException ? e.getMessage() : CallReport.trap(e);
            throw new PrepareException("self-test: " + reason, e);
        } finally {
            log.write(guest.output());
            guest.free();
        }
    }

    private static void requireEcho(Guest guest) throws CallFailedException, PrepareException {
        byte[] bytes = new byte[TRIAL_BYTES];
        Arrays.fill(bytes, (byte) 0x5A);
        long address = Integer.toUnsignedLong(guest.place(bytes));
        if (!Arrays.equals(guest.take(address << Integer.SIZE | TRIAL_BYTES), bytes)) {
            throw new PrepareException(
                    "self-test: an argument is not what was passed (expected: the same bytes)");
        }
    }

    private WarmImage warmImage() throws PrepareException {
        Guest guest = initialized();
        try {
            if (!warm(guest)) {
                log.write(guest.output());
                guest.free();
                guest = initialized();
            }
            return module.capture(guest);
        } catch (MemoryBudget.ExhaustedException e) {
            throw new PrepareException("start: " + e.getMessage(), e);
        } finally {
            log.write(guest.output());
            guest.free();
        }
    }

    private Guest initialized() throws PrepareException {
        Guest guest;
        try {
            guest = module.startGuest();
        } catch (MemoryBudget.ExhaustedException e) {
            throw new PrepareException("start: " + e.getMessage(), e);
        } catch (ChicoryException | StackOverflowError e) {
            throw new PrepareException("start: " + CallReport.trap(e), e);
        }
        Throwable broken = run(guest, INITIALIZE);
        if (broken != null) {
            String reason = CallReport.broken(INITIALIZE, broken, guest, maxMemoryMib).message();
            log.write(guest.output());
            guest.free();
            throw new PrepareException("start: " + reason, broken);
        }
        return guest;
    }

    /// Runs the module's functions for practice.
    ///
    /// @return whether the instance may still be used
    private boolean warm(Guest guest) {
        long start = nanoTime.getAsLong();
        for (int i = 0; i < WARM_CALLS && nanoTime.getAsLong() - start < WARM_NANOS_MAX; i++) {
            if (run(guest, WARM) != null) {
                return false;
            }
        }
        return true;
    }

    /// Runs an exported function without parameters, if there is one.
    ///
    /// @return what ended it, or null if it returned
    // As in CallResult: generated code throws what it will.
    @SuppressWarnings("IllegalCatch")
    private @Nullable Throwable run(Guest guest, String function) {
        if (!module.exports(function)) {
            return null;
        }
        try {
            guest.function(function).apply();
            return null;
        } catch (Throwable e) {
            return e;
        }
    }
}
