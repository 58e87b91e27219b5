package io.mimicore.controlplane.stream;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is known about a node.
///
/// @param node its name
/// @param bootId names one run of its process
/// @param version what it runs; 0: nothing
/// @param offered what it was offered last; 0: nothing
/// @param rejection what it refused last; absent: nothing since its process started
/// @param poison a version that crashed it twice; 0: none
/// @param drain what it has confirmed of a drain
/// @param report its counters of the last window; absent: none came yet
public record NodeStatus(
        String node,
        String bootId,
        String build,
        Map<String, String> labels,
        NodeState state,
        long version,
        long offered,
        @Nullable Rejection rejection,
        long poison,
        DrainState drain,
        @Nullable Window report) {
    public NodeStatus {
        requireNonNull(node, "node");
        requireNonNull(bootId, "bootId");
        requireNonNull(build, "build");
        labels = Map.copyOf(labels);
        requireNonNull(state, "state");
        requireNonNull(drain, "drain");
    }

    /// A snapshot that a node refused.
    ///
    /// @param problems why, at most 100
    public record Rejection(long version, List<Problem> problems) {
        public Rejection {
            problems = List.copyOf(problems);
        }
    }

    /// Why a node refused a snapshot.
    ///
    /// @param api the API that is to blame; empty: the snapshot as a whole
    public record Problem(String api, String code, String message) {}

    /// A node's counters since its report before.
    ///
    /// @param version what it ran
    public record Window(
            long version, long windowMillis, long requests, long serverErrors, long wasmFailures) {}
}
