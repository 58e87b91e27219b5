package io.mimicore.controlplane.time;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A virtual thread that works, and waits in between until it is woken or some time has passed.
///
/// Nobody interrupts it, because an interrupt would close an embedded store's open file; it is told
/// to end and ends by itself. What runs on it asks [#isClosed] after every wait. Thread-safe, but
/// for [#await], which is for the thread itself.
public final class WakeableThread implements AutoCloseable {
    private final String name;
    private final Semaphore wake = new Semaphore(0);
    private volatile boolean closed;
    private volatile @Nullable Thread thread;

    /// @param name for people who look at the threads
    public WakeableThread(String name) {
        this.name = requireNonNull(name, "name");
    }

    /// Starts; at most once.
    ///
    /// @param work ends soon after [#isClosed] is true
    public void start(Runnable work) {
        thread = Thread.ofVirtual().name(name).start(requireNonNull(work, "work"));
    }

    /// Ends the wait that is under way, or the next one.
    public void wake() {
        wake.release();
    }

    /// Whether the work shall end.
    public boolean isClosed() {
        return closed;
    }

    /// Waits until [#wake] or [#end] is called, or was since the last wait, at most for `patience`.
    public void await(Duration patience) {
        try {
            if (wake.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                wake.drainPermits();
            }
        } catch (InterruptedException _) {
            closed = true;
        }
    }

    /// Tells the work to end, and does not wait for it.
    public void end() {
        closed = true;
        wake.release();
    }

    /// Tells the work to end and waits until it has.
    @Override
    public void close() {
        end();
        Thread running = thread;
        if (running == null) {
            return;
        }
        try {
            running.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
