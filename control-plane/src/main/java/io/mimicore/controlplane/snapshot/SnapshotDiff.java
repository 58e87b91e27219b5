package io.mimicore.controlplane.snapshot;

import io.mimicore.snapshot.ApiEntry;
import java.util.List;
import java.util.SortedMap;

/// What turns one snapshot into another.
///
/// @param put new entries and entries that differ, by name
/// @param removed names of entries that are no more
public record SnapshotDiff(List<ApiEntry> put, List<String> removed) {
    public SnapshotDiff {
        put = List.copyOf(put);
        removed = List.copyOf(removed);
    }

    /// The difference of two sets of entries.
    static SnapshotDiff between(
            SortedMap<String, ApiEntry> before, SortedMap<String, ApiEntry> after) {
        return new SnapshotDiff(
                after.values().stream()
                        .filter(entry -> !entry.equals(before.get(entry.api())))
                        .toList(),
                before.keySet().stream().filter(api -> !after.containsKey(api)).toList());
    }

    /// Whether nothing differs.
    public boolean isEmpty() {
        return put.isEmpty() && removed.isEmpty();
    }
}
