package io.mimicore.dataplane.http;

/// Handles requests whose head is complete. Called on the connection's event loop; must not block.
@FunctionalInterface
public interface RequestHandler {
    /// Answers the exchange, now or later.
    void handle(Exchange exchange);
}
