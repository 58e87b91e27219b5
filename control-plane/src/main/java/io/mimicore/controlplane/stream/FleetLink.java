package io.mimicore.controlplane.stream;

/// What the streams of one control plane ask and tell about nodes of the whole fleet. Called on
/// streams' threads: thread-safe, and nothing here blocks.
public interface FleetLink {
    /// For a control plane that is alone and drains nobody.
    FleetLink NONE =
            new FleetLink() {
                @Override
                public DrainOrder drainOf(String node) {
                    return DrainOrder.UNKNOWN;
                }

                @Override
                public void joined(String node) {}

                @Override
                public void changed(NodeStatus status) {}
            };

    /// Whether a node is to take traffic.
    enum DrainOrder {
        /// The store could not be asked yet: everything stays as it is.
        UNKNOWN,
        /// It is to take traffic.
        TAKE,
        /// It is to be drained.
        DRAIN
    }

    /// What somebody has ordered.
    DrainOrder drainOf(String node);

    /// The node has opened a stream to this control plane. Told before its first [#changed].
    void joined(String node);

    /// What is known about a node of this control plane has changed; state `DISCONNECTED`: its
    /// stream has ended.
    void changed(NodeStatus status);
}
