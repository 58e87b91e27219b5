package io.mimicore.benchmarks.http;

import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import io.mimicore.testkit.process.RawResponse;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;

/// A running server and what is asked of it.
///
/// @param name as the report shows it
/// @param process the server; its children count as it
/// @param target what is asked for
/// @param host the header `Host` to send
record Contender(String name, ProcessHandle process, URI target, String host) {
    /// What it answers to one GET of a path, over a connection of its own.
    RawResponse ask(String path) {
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), target.getPort());
        try (RawConnection connection = RawConnection.open(address)) {
            return connection.send(RawRequest.get(host, path));
        }
    }
}
