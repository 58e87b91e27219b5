package io.mimicore.system.fleet;

import io.mimicore.ir.Digest;
import io.mimicore.store.MetadataStore;
import java.util.List;

/// Does something as soon as a build has an owner.
final class OwnerWatch implements MetadataStore.WatchListener, AutoCloseable {
    private final Runnable action;
    private final MetadataStore.Watch watch;

    private OwnerWatch(MetadataStore store, Digest build, Runnable action) {
        this.action = action;
        String owner = FleetStores.KEYS.buildOwner(build);
        MetadataStore.Listing listing = store.list(owner);
        watch = store.watch(owner, listing.revision(), this);
    }

    static OwnerWatch open(MetadataStore store, Digest build, Runnable action) {
        return new OwnerWatch(store, build, action);
    }

    @Override
    public void changed(List<MetadataStore.Change> changes) {
        if (changes.stream().anyMatch(MetadataStore.Change.Written.class::isInstance)) {
            action.run();
        }
    }

    @Override
    public void resync(MetadataStore.Listing listing) {
        if (!listing.entries().isEmpty()) {
            action.run();
        }
    }

    @Override
    public void close() {
        watch.close();
    }
}
