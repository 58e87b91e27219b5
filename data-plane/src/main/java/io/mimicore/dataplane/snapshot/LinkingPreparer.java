package io.mimicore.dataplane.snapshot;

import io.mimicore.artifact.Artifact;
import io.mimicore.dataplane.link.ActiveSnapshot;
import io.mimicore.dataplane.link.LinkException;
import io.mimicore.dataplane.link.LoadedApi;
import io.mimicore.dataplane.link.PreparedSnapshot;
import io.mimicore.dataplane.link.SnapshotLinker;
import io.mimicore.dataplane.snapshot.SnapshotContent.StoredApi;
import io.mimicore.ir.ApiIr;
import io.mimicore.ir.Digest;
import io.mimicore.ir.codec.IrCodec;
import io.mimicore.ir.codec.MalformedIrException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Prepares by linking. What has not changed since the last activated snapshot is neither decoded
/// nor loaded again. Confined to the client's thread.
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
    public Prepared prepare(SnapshotContent content)
            throws RejectedException, InterruptedException {
        List<NodeProblem> problems = new ArrayList<>();
        List<LoadedApi> loaded = new ArrayList<>();
        for (StoredApi stored : content.apis().values()) {
            try {
                loaded.add(load(stored));
            } catch (RejectedException e) {
                problems.addAll(e.problems());
            }
        }
        if (!problems.isEmpty()) {
            throw new RejectedException(problems);
        }
        PreparedSnapshot snapshot = link(content, loaded);
        return new Linked(snapshot, loaded);
    }

    private PreparedSnapshot link(SnapshotContent content, List<LoadedApi> loaded)
            throws RejectedException {
        try {
            return linker.link(content.version(), content.root(), loaded, active.current());
        } catch (LinkException e) {
            throw new RejectedException(
                    e.problems().stream()
                            .map(p -> new NodeProblem(p.api(), p.code().name(), p.message()))
                            .toList());
        }
    }

    private LoadedApi load(StoredApi stored) throws RejectedException, InterruptedException {
        String api = stored.entry().api();
        Digest artifactDigest = artifactDigest(stored);
        LoadedApi before = live.get(api);
        if (before != null
                && before.irDigest().equals(stored.entry().ir())
                && java.util.Objects.equals(before.artifactDigest(), artifactDigest)) {
            return before;
        }
        ApiIr ir = decode(stored);
        Artifact artifact = artifactDigest == null ? null : artifacts.load(api, artifactDigest);
        return new LoadedApi(ir, stored.entry().ir(), artifact, artifactDigest);
    }

    private static ApiIr decode(StoredApi stored) throws RejectedException {
        String api = stored.entry().api();
        try {
            ApiIr ir = IrCodec.decode(stored.ir());
            if (!ir.name().equals(api)) {
                throw new RejectedException(api, "IR", "the IR is of API " + ir.name());
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
            Map<String, LoadedApi> next = new HashMap<>();
            for (LoadedApi api : loaded) {
                next.put(api.ir().name(), api);
            }
            // The other disk slot holds the version before, whose artifacts must stay as well.
            Set<Digest> used = digests(live);
            used.addAll(digests(next));
            live = next;
            artifacts.retainOnly(used);
        }

        @Override
        public void discard() {
            snapshot.release();
        }
    }

    private static Set<Digest> digests(Map<String, LoadedApi> apis) {
        Set<Digest> digests = new HashSet<>();
        for (LoadedApi api : apis.values()) {
            if (api.artifactDigest() != null) {
                digests.add(api.artifactDigest());
            }
        }
        return digests;
    }
}
