package io.mimicore.dataplane.upstream;

import io.netty.channel.Channel;

/// One connection to an upstream. Confined to its event loop.
sealed interface UpstreamConnection permits Http1Connection, Http2Connection {
    /// Number of exchanges that it can take now.
    int capacity();

    /// Whether it carries nothing.
    boolean isIdle();

    /// When it last became idle, in nanoseconds of the loop's clock.
    long idleSinceNanos();

    /// Starts an exchange; only while there is capacity.
    UpstreamStream start(UpstreamRequest request, ResponseListener listener);

    /// Closes it once it is idle, and takes nothing more until then.
    void retire();

    /// Its channel.
    Channel channel();

    /// Whom a connection tells what concerns others.
    interface Owner {
        /// It may take more than before.
        void available(UpstreamConnection connection);

        /// It takes nothing more.
        void closed(UpstreamConnection connection);
    }
}
