package io.mimicore.dataplane.snapshot;

import io.mimicore.artifact.Artifact;
import io.mimicore.dataplane.link.ActiveSnapshot;
import io.mimicore.dataplane.link.ArtifactLoader;
import io.mimicore.dataplane.link.LinkException;
import io.mimicore.dataplane.link.LoadedApi;
import io.mimicore.dataplane.link.PreparedSnapshot;
import io.mimicore.dataplane.link.SnapshotLinker;
import io.mimicore.dataplane.snapshot.SnapshotContent.StoredApi;
import io.mimicore.ir.ApiIr;
import io.mimicore.ir.Digest;
import io.mimicore.ir.codec.IrCodec;
import io.mimicore.ir.codec.MalformedIrException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Prepares by linking. What has not changed since the last activated snapshot is neither decoded
/// nor loaded again. Used by one thread at a time.
final class LinkingPreparer implements Preparer {
    private final SnapshotLinker linker;
    private final ActiveSnapshot active;
    private final ArtifactCache artifacts;
    private Map<String, LoadedApi> live = Map.of();

    LinkingPreparer(SnapshotLinker linker, ActiveSnapshot active, ArtifactCache artifacts) {
        this.linker = linker;
        this.active = active;
        this.artifacts = artifacts;
    }

    @Override
    public Prepared prepare(SnapshotContent content, Sources sources)
            throws RejectedException, InterruptedException {
        List<NodeProblem> problems = new ArrayList<>();
        List<LoadedApi> loaded = new ArrayList<>();
        for (StoredApi stored : content.apis().values()) {
            try {
                loaded.add(load(stored, sources));
            } catch (RejectedException e) {
                problems.addAll(e.problems());
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
        if (!problems.isEmpty()) {
            throw new RejectedException(problems);
        }
        return new Linked(link(content, loaded), loaded);
    }

    private PreparedSnapshot link(SnapshotContent content, List<LoadedApi> loaded)
            throws RejectedException, InterruptedException {
        try {
            return linker.link(content.version(), content.root(), loaded, active.current());
        } catch (LinkException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            throw new RejectedException(
                    e.problems().stream()
                            .map(p -> new NodeProblem(p.api(), p.code().name(), p.message()))
                            .toList());
        }
    }

    private LoadedApi load(StoredApi stored, Sources sources) throws RejectedException {
        String api = stored.entry().api();
        Digest artifact = artifactDigest(stored);
        LoadedApi before = live.get(api);
        if (before != null
                && before.irDigest().equals(stored.entry().ir())
                && Objects.equals(before.artifactDigest(), artifact)) {
            return before;
        }
        ArtifactLoader loader = artifact == null ? null : () -> artifact(artifact, sources);
        return new LoadedApi(decode(stored), stored.entry().ir(), loader, artifact);
    }

    /// The linker knows nothing of interruption: it is told of a failure, and [#link] looks again.
    private Artifact artifact(Digest digest, Sources sources) throws IOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("artifact " + digest + " is no longer wanted");
        }
        try {
            return switch (sources) {
                case DISK -> artifacts.loadFromDisk(digest);
                case ANYWHERE -> artifacts.load(digest);
            };
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("artifact " + digest + " is no longer wanted");
        }
    }

    private static ApiIr decode(StoredApi stored) throws RejectedException {
        String api = stored.entry().api();
        try {
            ApiIr ir = IrCodec.decode(stored.ir());
            if (!ir.name().equals(api)) {
                throw new RejectedException(
                        api, "IR", "api: " + ir.name() + " (expected: " + api + ", as offered)");
            }
            return ir;
        } catch (MalformedIrException e) {
            throw new RejectedException(api, "IR", "the IR does not decode: " + e.getMessage());
        }
    }

    private static @Nullable Digest artifactDigest(StoredApi stored) throws RejectedException {
        List<Digest> digests = stored.entry().artifacts();
        if (digests.size() > 1) {
            throw new RejectedException(
                    stored.entry().api(),
                    "ARTIFACT",
                    "artifacts: " + digests.size() + " (expected: at most one)");
        }
        return digests.isEmpty() ? null : digests.getFirst();
    }

    /// A linked snapshot that waits for its activation.
    private final class Linked implements Prepared {
        private final PreparedSnapshot snapshot;
        private final List<LoadedApi> loaded;

        Linked(PreparedSnapshot snapshot, List<LoadedApi> loaded) {
            this.snapshot = snapshot;
            this.loaded = loaded;
        }

        @Override
        public void activate() {
            active.swap(snapshot);
            Map<String, LoadedApi> next = HashMap.newHashMap(loaded.size());
            for (LoadedApi api : loaded) {
                next.put(api.ir().name(), api);
            }
            live = next;
        }

        @Override
        public void discard() {
            snapshot.release();
        }
    }
}
