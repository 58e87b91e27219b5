package io.mimicore.dataplane.snapshot;

/// Makes a delivered snapshot ready to serve. Blocks; never called on an event loop.
interface Preparer {
    /// Links routes, compiles patterns and schemas, fetches artifacts, warms pools.
    ///
    /// @throws RejectedException with every problem; nothing is left behind
    Prepared prepare(SnapshotContent content) throws RejectedException, InterruptedException;

    /// A snapshot that is ready.
    interface Prepared {
        /// Serves it from now on, by one reference.
        void activate();

        /// Gives up what it holds; it will not be served.
        void discard();
    }
}
