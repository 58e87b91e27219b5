package io.mimicore.controlplane.snapshot;

import static java.util.Objects.requireNonNull;

import io.mimicore.controlplane.leader.Fence;
import io.mimicore.controlplane.time.WakeableThread;
import io.mimicore.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Publishes what shall be live, for as long as one leadership lasts.
///
/// Only the newest wish counts; when it is published is [PublishWindow]'s matter and in which order
/// it is written [SnapshotWriter]'s. While the store fails it tries again, waiting longer each
/// time, and after a failure it reads first what the store holds, because a transaction that failed
/// may have taken effect.
///
/// One virtual thread publishes and calls the listener; nobody interrupts it, because an interrupt
/// would close an embedded store's file. The public methods may be called by any thread.
public final class Publisher implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Publisher.class);

    private static final Duration RETRY_MIN = Duration.ofMillis(100);
    private static final Duration RETRY_MAX = Duration.ofSeconds(10);

    private final SnapshotWriter writer;
    private final SnapshotReader reader;
    private final Fence fence;
    private final LongSupplier ticker;
    private final Listener listener;

    private final AtomicReference<@Nullable Desired> offered = new AtomicReference<>();
    private final WakeableThread thread = new WakeableThread("publisher");
    private final PublishWindow window = new PublishWindow();
    private volatile @Nullable Desired underWay;

    private Publisher(
            SnapshotWriter writer,
            SnapshotReader reader,
            Fence fence,
            LongSupplier ticker,
            Listener listener) {
        this.writer = requireNonNull(writer, "writer");
        this.reader = requireNonNull(reader, "reader");
        this.fence = requireNonNull(fence, "fence");
        this.ticker = requireNonNull(ticker, "ticker");
        this.listener = requireNonNull(listener, "listener");
    }

    /// A publisher that is not started.
    ///
    /// @param fence of the leadership it publishes under
    /// @param ticker nanoseconds that never go back
    public static Publisher of(
            SnapshotWriter writer,
            SnapshotReader reader,
            Fence fence,
            LongSupplier ticker,
            Listener listener) {
        return new Publisher(writer, reader, fence, ticker, listener);
    }

    /// Takes what has been published.
    public interface Listener {
        /// `desired` is what the store holds now, as `live`; also if nothing had to be written.
        void published(Desired desired, LiveSet live);
    }

    /// Starts.
    ///
    /// @param live what the store holds
    public void start(LiveSet live) {
        thread.start(() -> run(live));
    }

    /// Wishes that this be live, instead of what was wished for before.
    public void offer(Desired desired) {
        offered.set(desired);
        thread.wake();
    }

    /// What is not published yet, or just is: what it consists of must be kept.
    public List<Collection<ApiForm>> wanted() {
        // In this order: a wish goes from the first to the second.
        Desired first = offered.get();
        Desired second = underWay;
        List<Collection<ApiForm>> snapshots = new ArrayList<>();
        if (first != null) {
            snapshots.add(first.forms().values());
        }
        if (second != null) {
            snapshots.add(second.forms().values());
        }
        return snapshots;
    }

    /// Whether it has stopped: it was closed, or its leadership is over.
    boolean isStopped() {
        return thread.isClosed();
    }

    private void run(LiveSet start) {
        @Nullable LiveSet live = start;
        @Nullable Desired wish = null;
        Duration retry = RETRY_MIN;
        while (!thread.isClosed()) {
            Desired newer = offered.get();
            if (newer != null) {
                wish = newer;
                underWay = newer;
                offered.compareAndSet(newer, null);
                window.changed(ticker.getAsLong());
            }
            long waitNanos = window.waitNanos(ticker.getAsLong());
            if (wish == null || waitNanos > 0) {
                thread.await(Duration.ofNanos(waitNanos));
                continue;
            }
            try {
                if (live == null) {
                    live = reader.live();
                }
                live = publish(wish, live);
                if (live != null) {
                    wish = null;
                    underWay = null;
                    window.published(ticker.getAsLong());
                }
                retry = RETRY_MIN;
            } catch (StoreException e) {
                log.warn(
                        "cannot publish, trying again in {} ms cause={}",
                        retry.toMillis(),
                        e.getMessage());
                live = null;
                thread.await(retry);
                retry = retry.multipliedBy(2);
                retry = retry.compareTo(RETRY_MAX) > 0 ? RETRY_MAX : retry;
            }
        }
    }

    private @Nullable LiveSet publish(Desired wish, LiveSet live) {
        LiveSet now = writer.write(live, wish, fence);
        if (now == null) {
            if (!writer.holds(fence)) {
                log.warn("another leader publishes from now on epoch={}", fence.epoch());
                thread.end();
            }
            return null;
        }
        if (now.version() != live.version()) {
            log.info("published version={} apis={}", now.version(), now.sources().size());
        }
        listener.published(wish, now);
        return now;
    }

    /// Stops once a write that is under way has ended; the listener is not called any more then.
    @Override
    public void close() {
        thread.close();
    }
}
