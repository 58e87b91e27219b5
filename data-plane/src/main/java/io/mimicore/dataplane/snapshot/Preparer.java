package io.mimicore.dataplane.snapshot;

/// Makes a delivered snapshot ready to serve. Blocks, so it is never called on an event loop;
/// called by one thread at a time, which need not be the same each time.
interface Preparer {
    /// Links routes, compiles patterns and schemas, fetches artifacts, warms pools.
    ///
    /// @throws RejectedException with every problem; nothing is left behind
    /// @throws InterruptedException if the result is no longer wanted; nothing is left behind
    Prepared prepare(SnapshotContent content, Sources sources)
            throws RejectedException, InterruptedException;

    /// Where a preparation may take artifacts from.
    enum Sources {
        /// The disk alone: a node that starts must not wait for anybody.
        DISK,
        /// The disk, and whoever the control plane names.
        ANYWHERE
    }

    /// A snapshot that is ready. One of its methods is called, once.
    interface Prepared {
        /// Serves it from now on, by one reference. Never during a preparation.
        void activate();

        /// Gives up what it holds; it will not be served.
        void discard();
    }
}
