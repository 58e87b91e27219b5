package io.mimicore.dataplane.code;

import io.mimicore.artifact.Artifact;
import io.mimicore.ir.UserCode;

/// Makes pools.
public interface CodePoolFactory {
    /// Loads the artifact and warms `minInstances` instances. Blocks; never call it on an event
    /// loop.
    ///
    /// @param api for thread names, logs and metrics
    /// @throws PrepareException when the artifact does not load or its start-up fails; nothing is
    ///   left behind
    CodePool prepare(String api, UserCode code, Artifact artifact) throws PrepareException;

    /// The artifact cannot serve this API.
    final class PrepareException extends Exception {
        private static final long serialVersionUID = 1L;

        /// @param message what failed, for the operator
        public PrepareException(String message) {
            super(message);
        }

        /// @param message what failed, for the operator
        public PrepareException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
