package io.mimicore.controlplane.snapshot;

import io.mimicore.ir.Digest;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// What shall be live.
///
/// @param sequence later wishes have higher numbers
/// @param forms every API, by name
/// @param content the bytes of IR and author's files that may not be in the store yet, by digest;
///   not copied
public record Desired(
        long sequence, SortedMap<String, ApiForm> forms, Map<Digest, byte[]> content) {
    public Desired {
        forms = Collections.unmodifiableSortedMap(new TreeMap<>(forms));
        content = Map.copyOf(content);
    }
}
