package io.mimicore.controlplane.store.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.store.MetadataStore;
import io.mimicore.store.MetadataStore.Change;
import io.mimicore.store.MetadataStore.Entry;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/// Notes each delivery as one text: `+key=value -key` of changes, `all key=value` of a listing.
final class RecordingListener implements MetadataStore.WatchListener {
    private final List<String> seen = new CopyOnWriteArrayList<>();
    private final AtomicInteger failures = new AtomicInteger();

    /// The next so many deliveries fail.
    void failNext(int deliveries) {
        failures.set(deliveries);
    }

    List<String> seen() {
        return List.copyOf(seen);
    }

    @Override
    public void changed(List<Change> changes) {
        note(changes.stream().map(RecordingListener::describe).collect(Collectors.joining(" ")));
    }

    @Override
    public void resync(MetadataStore.Listing listing) {
        note(
                listing.entries().stream()
                        .map(RecordingListener::describe)
                        .collect(Collectors.joining(" ", "all ", "")));
    }

    private void note(String delivery) {
        if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new IllegalStateException("a listener's defect, in this test");
        }
        seen.add(delivery);
    }

    private static String describe(Change change) {
        return switch (change) {
            case Change.Written written -> "+" + describe(written.entry());
            case Change.Deleted deleted -> "-" + deleted.key();
        };
    }

    private static String describe(Entry entry) {
        return entry.key() + "=" + new String(entry.value(), UTF_8);
    }
}
