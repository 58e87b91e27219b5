package io.mimicore.dataplane.upstream;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/// What a node has open to upstreams at the moment. Thread-safe.
public final class UpstreamCounts {
    private final LongAdder connections = new LongAdder();
    private final LongAdder opened = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder waiting = new LongAdder();
    private final AtomicLong bufferedBytes = new AtomicLong();

    UpstreamCounts() {}

    /// Connections, in use and idle.
    public LongAdder connections() {
        return connections;
    }

    /// Connections made since the start.
    public LongAdder opened() {
        return opened;
    }

    /// Attempts since the start that made no connection.
    public LongAdder failed() {
        return failed;
    }

    /// Exchanges that wait for a connection.
    public LongAdder waiting() {
        return waiting;
    }

    /// Bytes of responses that are being buffered.
    public AtomicLong bufferedBytes() {
        return bufferedBytes;
    }
}
