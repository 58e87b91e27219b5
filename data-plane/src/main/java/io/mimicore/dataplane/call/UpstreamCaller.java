package io.mimicore.dataplane.call;

/// Makes calls to upstreams.
public interface UpstreamCaller {
    /// The upstream of an authority: looked up when a snapshot is linked, so that a call finds its
    /// connections without comparing names. Connections belong to the authority: whoever asks for
    /// an equal one gets the same upstream as long as anybody holds it. Thread-safe.
    Upstream upstream(Authority authority);

    /// Starts a call. Only on an event loop that requests are served on; the completion is told
    /// exactly once, on the same loop, maybe before this returns, and never after a cancellation.
    Running call(Upstream upstream, CallRequest request, Completion completion);

    /// Runs work that would hold an event loop up for too long, on a thread of its own.
    ///
    /// @return whether it will run; `false`: too much waits already
    boolean offload(Runnable work);

    /// Where calls go to.
    interface Upstream {
        /// Its identity.
        Authority authority();
    }

    /// A call under way. Confined to its event loop.
    interface Running {
        /// Ends the call; its connection is closed or its stream reset. Does nothing once the call
        /// is complete.
        void cancel();
    }

    /// Takes the outcome of a call.
    interface Completion {
        /// A response with a final status has come, whatever the status.
        void completed(CallReply reply);

        /// The call failed.
        void failed(CallFailure failure);
    }
}
