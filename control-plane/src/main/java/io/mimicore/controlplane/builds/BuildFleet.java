package io.mimicore.controlplane.builds;

import static java.util.Objects.requireNonNull;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.mimicore.build.BuildRecords;
import io.mimicore.build.BuildState;
import io.mimicore.build.ToolchainVersions;
import io.mimicore.build.WorkerOffer;
import io.mimicore.controlplane.time.WakeableThread;
import io.mimicore.ir.Digest;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.MetadataStore.Change;
import io.mimicore.store.StoreException;
import io.mimicore.store.StoreKeys;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows the store's builds and workers for the metrics of a control plane: every replica shows
/// the same.
///
/// Remembers only builds that wait or run. Thread-safe; has a virtual thread of its own, which
/// nobody interrupts.
public final class BuildFleet implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(BuildFleet.class);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration LOOK = Duration.ofHours(1);
    private static final List<String> TOOLCHAINS = List.of("go", "tinygo", "wasm");

    private final StoreKeys keys;
    private final LongSupplier ticker;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Digest, Open> builds = new HashMap<>();
    private final Map<String, WorkerOffer> workers = new HashMap<>();
    private final MetadataStore store;
    private final WakeableThread thread = new WakeableThread("build-fleet");

    /// @param sinceNanos when this process saw it first
    private record Open(boolean running, long sinceNanos) {}

    /// @param keys the cluster's
    /// @param ticker nanoseconds that never go back
    public BuildFleet(MetadataStore store, StoreKeys keys, LongSupplier ticker) {
        this.store = requireNonNull(store, "store");
        this.keys = requireNonNull(keys, "keys");
        this.ticker = requireNonNull(ticker, "ticker");
    }

    /// Begins to follow, as soon as the store can be read.
    public void start() {
        thread.start(this::run);
    }

    private void run() {
        while (!thread.isClosed()) {
            try (var _ = follow(keys.workers(), new Workers());
                    var _ = follow(keys.builds(), new Builds())) {
                while (!thread.isClosed()) {
                    thread.await(LOOK);
                }
            } catch (StoreException e) {
                log.debug("cannot follow builds, trying again", e);
                thread.await(RETRY);
            }
        }
    }

    private MetadataStore.Watch follow(String prefix, MetadataStore.WatchListener listener) {
        MetadataStore.Listing listing = store.list(prefix);
        listener.resync(listing);
        return store.watch(prefix, listing.revision(), listener);
    }

    /// Registers the gauges.
    public void show(MeterRegistry registry) {
        Gauge.builder("mimicore_builds", this, fleet -> fleet.count(false))
                .tag("state", "queued")
                .description("Builds of user code that wait or run, in the whole fleet")
                .register(registry);
        Gauge.builder("mimicore_builds", this, fleet -> fleet.count(true))
                .tag("state", "running")
                .description("Builds of user code that wait or run, in the whole fleet")
                .register(registry);
        Gauge.builder("mimicore_build_oldest_seconds", this, BuildFleet::oldestSeconds)
                .description("How long the oldest build that is not done has been asked for")
                .register(registry);
        Gauge.builder("mimicore_workers", this, BuildFleet::workers)
                .description("Compiler workers that are registered")
                .register(registry);
        for (String toolchain : TOOLCHAINS) {
            Gauge.builder("mimicore_toolchain_versions", this, fleet -> fleet.versions(toolchain))
                    .tag("toolchain", toolchain)
                    .description("Different versions of a toolchain that workers offer")
                    .register(registry);
        }
    }

    private long count(boolean running) {
        lock.lock();
        try {
            return builds.values().stream().filter(build -> build.running() == running).count();
        } finally {
            lock.unlock();
        }
    }

    private double oldestSeconds() {
        lock.lock();
        try {
            long now = ticker.getAsLong();
            long oldest =
                    builds.values().stream()
                            .mapToLong(build -> now - build.sinceNanos())
                            .max()
                            .orElse(0);
            return (double) oldest / TimeUnit.SECONDS.toNanos(1);
        } finally {
            lock.unlock();
        }
    }

    private int workers() {
        lock.lock();
        try {
            return workers.size();
        } finally {
            lock.unlock();
        }
    }

    private int versions(String toolchain) {
        lock.lock();
        try {
            return ToolchainVersions.of(toolchain, workers.values()).workers().size();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        thread.close();
    }

    private void build(MetadataStore.Entry entry) {
        Digest key = keys.buildKey(entry.key());
        if (key == null || !entry.key().equals(keys.buildState(key))) {
            return;
        }
        try {
            switch (BuildRecords.decodeState(entry.value())) {
                case BuildState.Queued _ -> open(key, /* running= */ false);
                case BuildState.Running _ -> open(key, /* running= */ true);
                case BuildState.Done _, BuildState.Failed _ -> builds.remove(key);
            }
        } catch (StoreException e) {
            log.warn("a record of a build is damaged and left out key={}", entry.key(), e);
            builds.remove(key);
        }
    }

    private void open(Digest key, boolean running) {
        Open before = builds.get(key);
        builds.put(
                key, new Open(running, before == null ? ticker.getAsLong() : before.sinceNanos()));
    }

    private void worker(MetadataStore.Entry entry) {
        try {
            workers.put(entry.key(), BuildRecords.decodeWorker(entry.value()));
        } catch (StoreException e) {
            log.warn("a record of a worker is damaged and left out key={}", entry.key(), e);
            workers.remove(entry.key());
        }
    }

    private final class Builds implements MetadataStore.WatchListener {
        @Override
        public void changed(List<Change> changes) {
            lock.lock();
            try {
                for (Change change : changes) {
                    switch (change) {
                        case Change.Written written -> build(written.entry());
                        case Change.Deleted deleted -> {
                            Digest key = keys.buildKey(deleted.key());
                            if (key != null && deleted.key().equals(keys.buildState(key))) {
                                builds.remove(key);
                            }
                        }
                    }
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void resync(MetadataStore.Listing listing) {
            lock.lock();
            try {
                Map<Digest, Open> before = Map.copyOf(builds);
                builds.clear();
                listing.entries().forEach(BuildFleet.this::build);
                builds.replaceAll((key, now) ->
                        new Open(now.running(), before.getOrDefault(key, now).sinceNanos()));
            } finally {
                lock.unlock();
            }
        }
    }

    private final class Workers implements MetadataStore.WatchListener {
        @Override
        public void changed(List<Change> changes) {
            lock.lock();
            try {
                for (Change change : changes) {
                    switch (change) {
                        case Change.Written written -> worker(written.entry());
                        case Change.Deleted deleted -> workers.remove(deleted.key());
                    }
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void resync(MetadataStore.Listing listing) {
            lock.lock();
            try {
                workers.clear();
                listing.entries().forEach(BuildFleet.this::worker);
            } finally {
                lock.unlock();
            }
        }
    }
}
