package io.mimicore.controlplane.leader;

/// The running for one role. Thread-safe.
public interface Leadership extends AutoCloseable {
    /// Begins to run. The listener is told of every leadership won and lost, one call at a time and
    /// each loss before the next win.
    void start(Listener listener);

    /// Gives the role up, if it is held, and stops running.
    @Override
    void close();

    /// Takes what becomes of the candidacy. Its methods may block; meanwhile nothing else is told.
    interface Listener {
        /// The role is held from now on.
        ///
        /// @throws io.mimicore.store.StoreException if the role cannot be taken up because the
        ///   store fails; it is given up, and run for again
        void elected(Fence fence);

        /// The role is not held any more.
        void deposed();
    }
}
