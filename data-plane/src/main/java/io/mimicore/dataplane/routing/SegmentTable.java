package io.mimicore.dataplane.routing;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A map from texts to values that is asked with a part of a longer text, without copying it.
///
/// Open addressing with linear probing, at most half full. Immutable.
final class SegmentTable<V> {
    /// Most nodes of a trie have no literals; they share this one.
    private static final SegmentTable<?> EMPTY = new SegmentTable<>(1);

    private final @Nullable String[] keys;
    private final @Nullable Object[] values;
    private final int mask;

    private SegmentTable(int capacity) {
        keys = new @Nullable String[capacity];
        values = new @Nullable Object[capacity];
        mask = capacity - 1;
    }

    @SuppressWarnings("unchecked") // without values it is a table of any type
    static <V> SegmentTable<V> of(Map<String, V> entries) {
        if (entries.isEmpty()) {
            return (SegmentTable<V>) EMPTY;
        }
        int capacity = Integer.highestOneBit(entries.size()) * 4;
        var table = new SegmentTable<V>(capacity);
        entries.forEach(table::put);
        return table;
    }

    /// The value of the text between `from` and `to`, or `null`.
    @Nullable V get(String text, int from, int to) {
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + text.charAt(i);
        }
        int length = to - from;
        for (int slot = spread(hash) & mask; ; slot = (slot + 1) & mask) {
            String key = keys[slot];
            if (key == null) {
                return null;
            }
            if (key.length() == length && text.startsWith(key, from)) {
                return valueAt(slot);
            }
        }
    }

    @Nullable V get(String text) {
        return get(text, 0, text.length());
    }

    private void put(String key, V value) {
        int slot = spread(key.hashCode()) & mask;
        while (keys[slot] != null) {
            slot = (slot + 1) & mask;
        }
        keys[slot] = key;
        values[slot] = value;
    }

    @SuppressWarnings("unchecked") // only values of type V are put
    private @Nullable V valueAt(int slot) {
        return (V) values[slot];
    }

    private static int spread(int hash) {
        return hash ^ (hash >>> 16);
    }
}
