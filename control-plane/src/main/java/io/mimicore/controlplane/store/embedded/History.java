package io.mimicore.controlplane.store.embedded;

import io.mimicore.store.MetadataStore.Change;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/// The latest changes, for watches. Guarded by the store's lock.
final class History {
    private record Committed(long revision, Change change) {}

    private final int changesMax;
    private final long bytesMax;
    private final Deque<Committed> changes = new ArrayDeque<>();
    // Every change after this revision is known.
    private long knownAfter;
    private long bytes;

    History(long revision, int changesMax, long bytesMax) {
        this.knownAfter = revision;
        this.changesMax = changesMax;
        this.bytesMax = bytesMax;
    }

    void add(long revision, List<Change> committed) {
        for (Change change : committed) {
            changes.addLast(new Committed(revision, change));
            bytes += bytes(change);
        }
        while (changes.size() > changesMax || bytes > bytesMax) {
            // A transaction is forgotten as a whole.
            knownAfter = changes.getFirst().revision();
            while (!changes.isEmpty() && changes.getFirst().revision() == knownAfter) {
                bytes -= bytes(changes.removeFirst().change());
            }
        }
    }

    boolean covers(long revision) {
        return revision >= knownAfter;
    }

    List<Change> after(long revision, String prefix) {
        List<Change> found = new ArrayList<>();
        Iterator<Committed> newestFirst = changes.descendingIterator();
        while (newestFirst.hasNext()) {
            Committed committed = newestFirst.next();
            if (committed.revision() <= revision) {
                break;
            }
            if (key(committed.change()).startsWith(prefix)) {
                found.add(committed.change());
            }
        }
        return found.reversed();
    }

    private static long bytes(Change change) {
        return switch (change) {
            case Change.Written written -> written.entry().value().length;
            case Change.Deleted _ -> 0;
        };
    }

    private static String key(Change change) {
        return switch (change) {
            case Change.Written written -> written.entry().key();
            case Change.Deleted deleted -> deleted.key();
        };
    }
}
