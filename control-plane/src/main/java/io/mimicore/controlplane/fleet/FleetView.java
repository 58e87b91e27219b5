package io.mimicore.controlplane.fleet;

import io.mimicore.controlplane.time.WakeableThread;
import io.mimicore.proto.store.v1.NodeRecord;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.MetadataStore.Change;
import io.mimicore.store.MetadataStore.Entry;
import io.mimicore.store.MetadataStore.Listing;
import io.mimicore.store.StoreException;
import io.mimicore.store.StoreKeys;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the store says of nodes, control planes and drains, kept current by watches: so every
/// question is answered from memory, and while the store is down by what it said last.
///
/// As large as the store's own records, which the collector bounds. A virtual thread lists and
/// begins to watch; after that the watches' threads change the maps, each its own. Thread-safe.
final class FleetView implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(FleetView.class);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final MetadataStore store;
    private final Listener listener;
    private final Map<String, Seen> nodes = new ConcurrentHashMap<>();
    private final Set<String> replicas = ConcurrentHashMap.newKeySet();
    private final Set<String> drains = ConcurrentHashMap.newKeySet();
    private final List<Part> parts;
    private final Deque<MetadataStore.Watch> watches = new ArrayDeque<>();
    private final WakeableThread thread = new WakeableThread("fleet-view");
    private volatile boolean drainsLoaded;

    FleetView(MetadataStore store, StoreKeys keys, Listener listener) {
        this.store = store;
        this.listener = listener;
        // Replicas before nodes: so no node is taken for lost because its replica is not known yet.
        this.parts =
                List.of(
                        new Drains(keys.drains()),
                        new Replicas(keys.replicas()),
                        new Nodes(keys.nodes()));
    }

    /// A node's record.
    ///
    /// @param modRevision of the key
    record Seen(NodeRecord record, long modRevision) {}

    /// Is told of changes, by the watches' threads: return soon.
    interface Listener {
        /// A node's record was written, or is gone.
        void nodeChanged(String node, @Nullable Seen seen);

        /// Records may have been lost or gone back in time, as when a backup was restored.
        void nodesRelisted();

        /// A control plane came or went.
        void replicasChanged();

        /// What is ordered for a node may have changed; absent: for any.
        void drainChanged(@Nullable String node);
    }

    void start() {
        thread.start(this::run);
    }

    private void run() {
        Deque<Part> left = new ArrayDeque<>(parts);
        boolean failing = false;
        while (!thread.isClosed() && !left.isEmpty()) {
            try {
                left.element().follow();
                left.remove();
            } catch (StoreException e) {
                if (!failing) {
                    failing = true;
                    log.warn("cannot see the fleet, trying again cause={}", e.getMessage());
                }
                thread.await(RETRY);
            }
        }
    }

    Map<String, Seen> nodes() {
        return nodes;
    }

    boolean isPresent(String replicaBootId) {
        return replicas.contains(replicaBootId);
    }

    int replicas() {
        return replicas.size();
    }

    /// Whether [#isDrained] can be believed.
    boolean knowsDrains() {
        return drainsLoaded;
    }

    boolean isDrained(String node) {
        return drains.contains(node);
    }

    @Override
    public void close() {
        thread.close();
        watches.forEach(MetadataStore.Watch::close);
    }

    /// Keys below one prefix. Confined to the thread that lists, then to the watch's.
    private abstract class Part implements MetadataStore.WatchListener {
        private final String prefix;

        Part(String prefix) {
            this.prefix = prefix;
        }

        void follow() {
            Listing listing = store.list(prefix);
            replace(listing);
            watches.add(store.watch(prefix, listing.revision(), this));
        }

        @Override
        public void changed(List<Change> changes) {
            for (Change change : changes) {
                switch (change) {
                    case Change.Written written -> take(written.entry());
                    case Change.Deleted deleted -> remove(name(deleted.key()));
                }
            }
        }

        @Override
        public void resync(Listing listing) {
            replace(listing);
        }

        void replace(Listing listing) {
            Set<String> gone = new HashSet<>(names());
            for (Entry entry : listing.entries()) {
                gone.remove(name(entry.key()));
                take(entry);
            }
            gone.forEach(this::remove);
        }

        String name(String key) {
            return key.substring(prefix.length());
        }

        private void take(Entry entry) {
            try {
                put(name(entry.key()), entry);
            } catch (StoreException e) {
                // The others are shown all the same.
                log.warn("a record is damaged and left out key={}", entry.key(), e);
            }
        }

        abstract Set<String> names();

        abstract void put(String name, Entry entry);

        abstract void remove(String name);
    }

    private final class Nodes extends Part {
        Nodes(String prefix) {
            super(prefix);
        }

        @Override
        public void resync(Listing listing) {
            super.resync(listing);
            listener.nodesRelisted();
        }

        @Override
        Set<String> names() {
            return nodes.keySet();
        }

        @Override
        void put(String name, Entry entry) {
            // Those of workers are below node/worker/.
            if (name.indexOf('/') < 0) {
                var seen = new Seen(NodeRecords.decode(entry.value()), entry.modRevision());
                nodes.put(name, seen);
                listener.nodeChanged(name, seen);
            }
        }

        @Override
        void remove(String name) {
            if (nodes.remove(name) != null) {
                listener.nodeChanged(name, null);
            }
        }
    }

    private final class Replicas extends Part {
        Replicas(String prefix) {
            super(prefix);
        }

        @Override
        Set<String> names() {
            return replicas;
        }

        @Override
        void put(String name, Entry entry) {
            replicas.add(name);
            listener.replicasChanged();
        }

        @Override
        void remove(String name) {
            replicas.remove(name);
            listener.replicasChanged();
        }
    }

    private final class Drains extends Part {
        Drains(String prefix) {
            super(prefix);
        }

        @Override
        void replace(Listing listing) {
            super.replace(listing);
            if (!drainsLoaded) {
                drainsLoaded = true;
                listener.drainChanged(null);
            }
        }

        @Override
        Set<String> names() {
            return drains;
        }

        @Override
        void put(String name, Entry entry) {
            drains.add(name);
            listener.drainChanged(name);
        }

        @Override
        void remove(String name) {
            drains.remove(name);
            listener.drainChanged(name);
        }
    }
}
