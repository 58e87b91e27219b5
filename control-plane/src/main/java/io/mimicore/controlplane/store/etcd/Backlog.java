package io.mimicore.controlplane.store.etcd;

import io.mimicore.proto.etcd.v3.Event;
import io.mimicore.proto.etcd.v3.KeyValue;
import io.mimicore.proto.etcd.v3.WatchResponse;
import io.mimicore.store.MetadataStore.Change;
import io.mimicore.store.MetadataStore.Entry;
import java.util.ArrayList;
import java.util.List;

/// Events of one watch until they are complete: etcd splits what is larger than a request, even
/// within one transaction. Confined to the watch's thread.
final class Backlog {
    /// Bytes that are put together before everything is listed anew instead. One transaction cannot
    /// exceed 1.5 MiB, so this is reached only by a server that never sends a last fragment.
    static final int BYTES_MAX = 64 * 1024 * 1024;

    private final List<Change> changes = new ArrayList<>();
    private final int bytesMax;
    private long bytes;

    Backlog(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    /// Takes an answer's events.
    ///
    /// @param from first revision that is wanted: what comes before it was seen already
    /// @return false: it is too much
    boolean add(WatchResponse response, long from) {
        bytes += response.getSerializedSize();
        if (bytes > bytesMax) {
            return false;
        }
        for (Event event : response.getEventsList()) {
            KeyValue kv = event.getKv();
            if (kv.getModRevision() >= from) {
                changes.add(change(event));
            }
        }
        return true;
    }

    /// Whether a part of an answer waits for the rest.
    boolean isEmpty() {
        return bytes == 0;
    }

    /// What has been put together, which begins anew.
    List<Change> take() {
        List<Change> complete = List.copyOf(changes);
        changes.clear();
        bytes = 0;
        return complete;
    }

    /// The revision of a change.
    static long revisionOf(Change change) {
        return switch (change) {
            case Change.Written written -> written.entry().modRevision();
            case Change.Deleted deleted -> deleted.revision();
        };
    }

    /// A key as the store gives it.
    static Entry entry(KeyValue kv) {
        return new Entry(
                kv.getKey().toStringUtf8(),
                kv.getValue().toByteArray(),
                kv.getCreateRevision(),
                kv.getModRevision());
    }

    private static Change change(Event event) {
        KeyValue kv = event.getKv();
        return event.getType() == Event.EventType.DELETE
                ? new Change.Deleted(kv.getKey().toStringUtf8(), kv.getModRevision())
                : new Change.Written(entry(kv));
    }
}
