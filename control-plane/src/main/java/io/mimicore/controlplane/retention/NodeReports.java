package io.mimicore.controlplane.retention;

import io.mimicore.controlplane.fleet.NodeRecords;
import io.mimicore.proto.store.v1.NodeRecord;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.MetadataStore.Entry;
import io.mimicore.store.MetadataStore.KeyRevision;
import io.mimicore.store.StoreException;
import io.mimicore.store.StoreKeys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What control planes have recorded of nodes: which versions those need, and which records may go.
/// Methods block; not thread-safe.
final class NodeReports {
    private static final Logger log = LoggerFactory.getLogger(NodeReports.class);

    /// How long a node that is not connected is remembered.
    static final Duration AWAY_MAX = Duration.ofHours(24);

    /// Nodes remembered that are not connected; beyond them those go that were written to first.
    static final int AWAY_NODES_MAX = 10_000;

    private final MetadataStore store;
    private final StoreKeys keys;
    private final FencedDeletes deletes;
    private final Ages<KeyRevision> away = new Ages<>();

    NodeReports(MetadataStore store, StoreKeys keys, FencedDeletes deletes) {
        this.store = store;
        this.keys = keys;
        this.deletes = deletes;
    }

    /// Versions in use by what records say.
    ///
    /// @param revision of [StoreKeys#versionsReported] before they were read; 0: none is there. As
    ///   long as it is the same, no record has come to name another version
    record Versions(Set<Long> versions, long revision) {}

    /// Removes the records of nodes that have been away for long, but for those that are drained.
    ///
    /// @return the versions that nodes which are connected, or may be, run or are offered
    Versions trim(long nowNanos) {
        Entry marker = store.get(keys.versionsReported());
        Set<String> present = names(keys.replicas());
        Set<String> drained = names(keys.drains());
        Set<Long> versions = new HashSet<>();
        List<KeyRevision> absent = new ArrayList<>();
        for (Entry entry : store.list(keys.nodes()).entries()) {
            String name = entry.key().substring(keys.nodes().length());
            if (name.indexOf('/') < 0) {
                read(entry, drained.contains(name), present, versions, absent);
            }
        }
        deletes.delete(leaving(absent, nowNanos).stream().map(List::of).toList());
        return new Versions(versions, marker == null ? 0 : marker.modRevision());
    }

    private List<KeyRevision> leaving(List<KeyRevision> absent, long nowNanos) {
        Set<KeyRevision> leaving = new HashSet<>(away.olderThan(AWAY_MAX, absent, nowNanos));
        absent.stream()
                .sorted(Comparator.comparingLong(KeyRevision::modRevision))
                .limit(Math.max(0, absent.size() - AWAY_NODES_MAX))
                .forEach(leaving::add);
        return List.copyOf(leaving);
    }

    private static void read(
            Entry entry,
            boolean drained,
            Set<String> present,
            Set<Long> versions,
            List<KeyRevision> absent) {
        NodeRecord record;
        try {
            record = NodeRecords.decode(entry.value());
        } catch (StoreException e) {
            log.warn("a node's record is damaged and will go key={}", entry.key(), e);
            absent.add(new KeyRevision(entry.key(), entry.modRevision()));
            return;
        }
        boolean connected =
                record.getState() != NodeRecord.State.DISCONNECTED
                        && present.contains(record.getReplicaBootId());
        if (!connected && !drained) {
            absent.add(new KeyRevision(entry.key(), entry.modRevision()));
        }
        if (record.getState() != NodeRecord.State.DISCONNECTED) {
            versions.add(record.getVersion());
            versions.add(record.getOffered());
        }
    }

    private Set<String> names(String prefix) {
        return store.keys(prefix).stream()
                .map(key -> key.key().substring(prefix.length()))
                .collect(Collectors.toUnmodifiableSet());
    }
}
