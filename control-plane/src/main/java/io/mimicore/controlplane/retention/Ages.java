package io.mimicore.controlplane.retention;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/// How long things have been out of use, as one leadership has seen it: a thing that was in use at
/// any pass, or was written since, begins anew. Confined to the collector's thread.
///
/// @param <T> a thing together with what changes when it is written
final class Ages<T> {
    private final Map<T, Long> sinceNanos = new HashMap<>();

    /// Takes what is out of use now.
    ///
    /// @return those of them that were so at every pass for at least `age`
    List<T> olderThan(Duration age, Collection<T> unused, long nowNanos) {
        sinceNanos.keySet().retainAll(new HashSet<>(unused));
        return unused.stream()
                .filter(thing ->
                        nowNanos - sinceNanos.computeIfAbsent(thing, _ -> nowNanos)
                                >= age.toNanos())
                .toList();
    }

    /// Whether anything is out of use.
    boolean isEmpty() {
        return sinceNanos.isEmpty();
    }
}
