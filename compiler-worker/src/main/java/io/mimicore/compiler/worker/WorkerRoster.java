package io.mimicore.compiler.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.build.BuildRecords;
import io.mimicore.build.QueuedRequest;
import io.mimicore.build.WorkerOffer;
import io.mimicore.ir.Digest;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.MetadataStore.Change;
import io.mimicore.store.StoreException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The workers that are registered, and which of them should take a build first.
///
/// Every worker comes to the same answer without asking the others: of those that have the wanted
/// toolchain it is the one with the highest hash of its id and the key (rendezvous hashing, Thaler
/// and Ravishankar 1998). A worker that comes or goes changes the answer only for the keys it gets
/// or had. The same program goes to the same worker again, whose compiler cache is warm, and
/// workers do not race for each build. It is a preference only: the claim decides.
///
/// Thread-safe.
final class WorkerRoster implements MetadataStore.WatchListener {
    private static final Logger log = LoggerFactory.getLogger(WorkerRoster.class);

    private final WorkerOffer self;
    private final Map<String, WorkerOffer> byKey = new ConcurrentHashMap<>();

    /// @param self this worker, which counts also while it is not registered
    WorkerRoster(WorkerOffer self) {
        this.self = self;
    }

    /// Whether this worker, which has the wanted toolchain, comes first.
    boolean isFirstFor(Digest key, QueuedRequest request) {
        byte[] mine = weight(self.id(), key);
        return byKey.values().stream()
                .filter(other -> !other.id().equals(self.id()) && offers(other, request))
                .allMatch(other -> Arrays.compareUnsigned(weight(other.id(), key), mine) < 0);
    }

    private static boolean offers(WorkerOffer worker, QueuedRequest request) {
        return worker.toolchains()
                .contains(
                        new WorkerOffer.Toolchain(request.toolchain(), request.toolchainVersion()));
    }

    private static byte[] weight(String worker, Digest key) {
        return Digest.of(key.bytes(), worker.getBytes(UTF_8)).bytes();
    }

    @Override
    public void changed(List<Change> changes) {
        for (Change change : changes) {
            switch (change) {
                case Change.Written written -> written(written.entry());
                case Change.Deleted deleted -> byKey.remove(deleted.key());
            }
        }
    }

    @Override
    public void resync(MetadataStore.Listing listing) {
        byKey.clear();
        listing.entries().forEach(this::written);
    }

    private void written(MetadataStore.Entry entry) {
        try {
            byKey.put(entry.key(), BuildRecords.decodeWorker(entry.value()));
        } catch (StoreException e) {
            log.warn("{} is no worker and is left out", entry.key(), e);
            byKey.remove(entry.key());
        }
    }
}
