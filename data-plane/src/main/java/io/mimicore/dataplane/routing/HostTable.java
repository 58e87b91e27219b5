package io.mimicore.dataplane.routing;

import io.mimicore.ir.HostPattern;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which of the values answers to a host: an exact host before a suffix, the longest suffix before
/// a shorter one, any suffix before a first label.
///
/// Immutable.
public final class HostTable<T> {
    private final SegmentTable<T> exact;
    private final SegmentTable<T> suffixes;
    private final SegmentTable<T> firstLabels;
    private final boolean hasSuffixes;

    private HostTable(Builder<T> builder) {
        exact = SegmentTable.of(builder.exact);
        suffixes = SegmentTable.of(builder.suffixes);
        firstLabels = SegmentTable.of(builder.firstLabels);
        hasSuffixes = !builder.suffixes.isEmpty();
    }

    /// An empty table to be filled.
    public static <T> Builder<T> builder() {
        return new Builder<>();
    }

    /// The value for a host, or `null`.
    ///
    /// @param host in lower case, without the port; a dot at the end (RFC 1034 §3.1) is ignored
    public @Nullable T find(String host) {
        int end = host.endsWith(".") ? host.length() - 1 : host.length();
        T found = exact.get(host, 0, end);
        if (found != null) {
            return found;
        }
        int dot = host.indexOf('.');
        if (hasSuffixes) {
            for (int at = dot; at >= 0 && at < end; at = host.indexOf('.', at + 1)) {
                found = suffixes.get(host, at + 1, end);
                if (found != null) {
                    return found;
                }
            }
        }
        return firstLabels.get(host, 0, dot < 0 ? end : dot);
    }

    /// Collects patterns. Confined to one thread.
    public static final class Builder<T> {
        private final Map<String, T> exact = new HashMap<>();
        private final Map<String, T> suffixes = new HashMap<>();
        private final Map<String, T> firstLabels = new HashMap<>();

        private Builder() {}

        /// Adds a pattern.
        ///
        /// @return whose pattern it is already, and stays; `null` when it was free
        public @Nullable T add(HostPattern pattern, T value) {
            return switch (pattern) {
                case HostPattern.Exact host -> exact.putIfAbsent(host.host(), value);
                case HostPattern.Suffix suffix -> suffixes.putIfAbsent(suffix.suffix(), value);
                case HostPattern.FirstLabel label -> firstLabels.putIfAbsent(label.label(), value);
            };
        }

        /// The table of what was added.
        public HostTable<T> build() {
            return new HostTable<>(this);
        }
    }
}
