package io.mimicore.controlplane.snapshot;

import static java.util.Objects.requireNonNull;

import io.mimicore.controlplane.time.WakeableThread;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreException;
import io.mimicore.store.StoreKeys;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows the channel's pointer and tells which snapshot it names; the same on every replica,
/// whether it leads or not.
///
/// The watch is only a hint that it is time to read the pointer, which is also read every [#POLL];
/// so nothing depends on seeing each event. One virtual thread reads and calls the listener, and
/// nobody interrupts it. While the store fails nothing is told: what was told last stays right.
public final class ChannelFollower implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ChannelFollower.class);

    private static final Duration POLL = Duration.ofSeconds(30);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final MetadataStore store;
    private final String key;
    private final SnapshotReader reader;
    private final Listener listener;
    private final WakeableThread thread = new WakeableThread("channel-follower");

    /// @param keys the cluster's
    public ChannelFollower(
            MetadataStore store, StoreKeys keys, SnapshotReader reader, Listener listener) {
        this.store = requireNonNull(store, "store");
        this.key = keys.channel(SnapshotReader.CHANNEL);
        this.reader = requireNonNull(reader, "reader");
        this.listener = requireNonNull(listener, "listener");
    }

    /// Takes what the channel names.
    @FunctionalInterface
    public interface Listener {
        /// The channel names this snapshot; absent: nothing was ever published. Called once at the
        /// start, then with every change that is still the newest when it is seen.
        void target(@Nullable Snapshot snapshot);
    }

    /// Starts.
    public void start() {
        thread.start(this::run);
    }

    private void run() {
        while (!thread.isClosed()) {
            try {
                follow();
            } catch (StoreException e) {
                if (!thread.isClosed()) {
                    log.warn("cannot follow the channel, trying again cause={}", e.getMessage());
                    thread.await(RETRY);
                }
            }
        }
    }

    private void follow() {
        MetadataStore.Entry entry = store.get(key);
        long revision = entry == null ? store.list(key).revision() : entry.modRevision();
        try (var _ = store.watch(key, revision, new Wake())) {
            boolean first = true;
            Snapshot told = null;
            while (!thread.isClosed()) {
                Snapshot now = read();
                if (first || (now != null && !now.equals(told))) {
                    listener.target(now);
                    told = now;
                    first = false;
                }
                thread.await(POLL);
            }
        }
    }

    private @Nullable Snapshot read() {
        MetadataStore.Entry entry = store.get(key);
        if (entry == null) {
            return null;
        }
        long target = SnapshotReader.channel(entry.value()).getTarget();
        Snapshot snapshot = reader.version(target);
        if (snapshot == null) {
            throw new StoreException(
                    "version " + target + ": the channel names it, it is not there");
        }
        return snapshot;
    }

    @Override
    public void close() {
        thread.close();
    }

    private final class Wake implements MetadataStore.WatchListener {
        @Override
        public void changed(List<MetadataStore.Change> changes) {
            thread.wake();
        }

        @Override
        public void resync(MetadataStore.Listing listing) {
            thread.wake();
        }
    }
}
