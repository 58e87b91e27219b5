package io.mimicore.system.fleet;

import io.mimicore.ir.Digest;
import io.mimicore.store.ArtifactStore;
import io.mimicore.testkit.ForwardingArtifactStore;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// An artifact store whose first URLs are handed out by a script. Thread-safe.
final class ScriptedArtifacts extends ForwardingArtifactStore {
    private final List<URI> first;
    private final AtomicInteger presigned = new AtomicInteger();

    /// @param first what [#presign] gives, before it asks `store`
    ScriptedArtifacts(ArtifactStore store, List<URI> first) {
        super(store);
        this.first = List.copyOf(first);
    }

    int presigned() {
        return presigned.get();
    }

    @Override
    public @Nullable URI presign(Digest digest, Duration validity) {
        int number = presigned.getAndIncrement();
        return number < first.size() ? first.get(number) : super.presign(digest, validity);
    }
}
