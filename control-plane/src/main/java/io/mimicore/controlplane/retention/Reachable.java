package io.mimicore.controlplane.retention;

import io.mimicore.controlplane.snapshot.ApiForm;
import io.mimicore.ir.Digest;
import io.mimicore.snapshot.ApiEntry;
import io.mimicore.snapshot.SnapshotTree;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The content that something refers to. Confined to one thread.
final class Reachable {
    private final Set<Digest> objects = new HashSet<>();
    private final Set<Digest> artifacts = new HashSet<>();

    void bucket(Digest bucket, List<ApiEntry> entries) {
        objects.add(bucket);
        entries.forEach(this::entry);
    }

    /// A snapshot of these APIs, written or not.
    void snapshot(Collection<ApiForm> forms) {
        forms.forEach(this::form);
        objects.addAll(
                SnapshotTree.of(forms.stream().map(ApiForm::entry).toList()).bucketDigests());
    }

    void form(ApiForm form) {
        entry(form.entry());
        objects.add(form.origin().source());
    }

    void object(Digest digest) {
        objects.add(digest);
    }

    boolean hasObject(Digest digest) {
        return objects.contains(digest);
    }

    boolean hasArtifact(Digest digest) {
        return artifacts.contains(digest);
    }

    private void entry(ApiEntry entry) {
        objects.add(entry.ir());
        artifacts.addAll(entry.artifacts());
    }
}
