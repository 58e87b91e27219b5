package io.mimicore.dataplane.upstream;

import io.netty.channel.EventLoop;

/// What the pools of one event loop share. Confined to the loop, but for its parts that say
/// otherwise.
final class LoopContext {
    private final int index;
    private final EventLoop loop;
    private final Dialer dialer;
    private final UpstreamLimits limits;
    private final UpstreamCounts counts;
    private final DialLog log;
    private int connections;

    LoopContext(int index, EventLoop loop, UpstreamClient client) {
        this.index = index;
        this.loop = loop;
        this.dialer = client.dialer();
        this.limits = client.limits();
        this.counts = client.counts();
        this.log = client.log();
    }

    /// Its place among the loops.
    int index() {
        return index;
    }

    EventLoop loop() {
        return loop;
    }

    Dialer dialer() {
        return dialer;
    }

    UpstreamLimits limits() {
        return limits;
    }

    UpstreamCounts counts() {
        return counts;
    }

    DialLog log() {
        return log;
    }

    /// Takes room for one more connection, if there is any.
    boolean mayDial() {
        if (connections >= limits.loopConnectionsMax()) {
            return false;
        }
        connections++;
        return true;
    }

    /// Gives the room of a connection, or of an attempt, back.
    void dialEnded() {
        connections--;
    }
}
