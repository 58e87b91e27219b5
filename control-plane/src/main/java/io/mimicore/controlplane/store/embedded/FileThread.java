package io.mimicore.controlplane.store.embedded;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedTransferQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The only thread that touches the store's file. An interrupt during I/O closes a file channel and
/// gives up its lock; whoever is interrupted while waiting here loses neither.
///
/// One call at a time, under the store's lock, so nothing queues up.
final class FileThread implements AutoCloseable {
    private final LinkedTransferQueue<FutureTask<?>> calls = new LinkedTransferQueue<>();
    private final Thread thread;
    private volatile boolean closed;

    FileThread() {
        thread = Thread.ofPlatform().daemon().name("embedded-store-file").start(this::run);
    }

    /// Runs `call` there and waits for its end, interrupted or not; an interrupt is kept for the
    /// caller. Throws what the call throws.
    <T extends @Nullable Object> T call(Supplier<T> call) {
        FutureTask<T> task = new FutureTask<>(call::get);
        calls.add(task);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException _) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw unchecked(e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// Ends the thread after the calls made so far.
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    private void run() {
        try {
            while (!closed) {
                calls.take().run();
            }
        } catch (InterruptedException _) {
            // Only close() interrupts, when nothing is left to be called.
        }
    }

    private static RuntimeException unchecked(ExecutionException failure) {
        return switch (failure.getCause()) {
            case RuntimeException cause -> cause;
            case Error cause -> throw cause;
            case null, default -> new IllegalStateException(failure);
        };
    }
}
