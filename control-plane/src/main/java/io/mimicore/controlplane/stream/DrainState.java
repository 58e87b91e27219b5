package io.mimicore.controlplane.stream;

/// What a node has confirmed of a drain.
public enum DrainState {
    /// It takes traffic.
    NONE,
    /// It is not ready, and requests still come.
    DRAINING,
    /// It is not ready, and no request came in its last window.
    DRAINED
}
