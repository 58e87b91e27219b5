package io.mimicore.dataplane.upstream;

import io.netty.buffer.ByteBuf;

/// Writes the head of a request that is passed on, straight into the buffer that goes out.
public interface HeadWriter {
    /// Writes the request line, the fields with those of framing, and the empty line. Called when
    /// there is a connection, once for each; only for HTTP/1.1.
    void writeHead(ByteBuf out);
}
