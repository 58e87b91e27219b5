package io.mimicore.build;

import io.mimicore.store.MetadataStore;
import io.mimicore.store.MetadataStore.Change;
import io.mimicore.store.StoreKeys;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The compiler workers that are registered. Thread-safe.
final class WorkerDirectory {
    private final MetadataStore store;
    private final StoreKeys keys;

    WorkerDirectory(MetadataStore store, StoreKeys keys) {
        this.store = store;
        this.keys = keys;
    }

    /// The version of a toolchain that builds should use, see [ToolchainVersions#chosen].
    ///
    /// @return absent: within `patience` no worker has offered it
    @Nullable String versionOf(String toolchain, Duration patience) throws InterruptedException {
        MetadataStore.Listing listing = store.list(keys.workers());
        String version = chosen(listing, toolchain);
        long left = patience.toNanos();
        long start = System.nanoTime();
        while (version == null && left > 0) {
            var changed = new CountDownLatch(1);
            try (MetadataStore.Watch _ =
                    store.watch(keys.workers(), listing.revision(), new Signal(changed))) {
                boolean _ = changed.await(left, TimeUnit.NANOSECONDS);
            }
            left = patience.toNanos() - (System.nanoTime() - start);
            listing = store.list(keys.workers());
            version = chosen(listing, toolchain);
        }
        return version;
    }

    /// Who is registered with what, for messages. Empty: nobody.
    String describe() {
        return store.list(keys.workers()).entries().stream()
                .map(entry -> BuildRecords.decodeWorker(entry.value()))
                .map(worker ->
                        worker.id()
                                + " with "
                                + worker.toolchains().stream()
                                        .map(toolchain ->
                                                toolchain.name() + " " + toolchain.version())
                                        .collect(Collectors.joining(" and ")))
                .collect(Collectors.joining(", "));
    }

    private static @Nullable String chosen(MetadataStore.Listing listing, String toolchain) {
        return ToolchainVersions.of(
                        toolchain,
                        listing.entries().stream()
                                .map(entry -> BuildRecords.decodeWorker(entry.value()))
                                .toList())
                .chosen();
    }

    private record Signal(CountDownLatch latch) implements MetadataStore.WatchListener {
        @Override
        public void changed(List<Change> changes) {
            latch.countDown();
        }

        @Override
        public void resync(MetadataStore.Listing listing) {
            latch.countDown();
        }
    }
}
