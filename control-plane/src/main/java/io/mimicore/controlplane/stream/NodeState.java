package io.mimicore.controlplane.stream;

import java.util.Locale;

/// How a node stands to what it is to run.
public enum NodeState {
    /// Connected; it has not said yet what it has.
    CONNECTING,
    /// It has what it is to run, or there is nothing to run yet.
    IN_SYNC,
    /// It is being sent another snapshot, or prepares it.
    OFFERED,
    /// It has prepared a snapshot and was told to activate it.
    PREPARED,
    /// It has refused the snapshot it is to run, and keeps what it has.
    REJECTED,
    /// It does not read or does not answer.
    LAGGING,
    /// Its stream has ended.
    DISCONNECTED;

    /// As metrics and people spell it.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
