package io.mimicore.dataplane.transport;

import java.io.IOException;

/// A listener cannot have its port: another program uses it, or it is not allowed.
public final class PortUnavailableException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int port;

    PortUnavailableException(int port, Throwable cause) {
        super("cannot listen on port " + port + " (" + cause.getMessage() + ")", cause);
        this.port = port;
    }

    /// The port, 1..65_535.
    public int port() {
        return port;
    }
}
