package io.mimicore.dataplane.upstream;

/// What one node takes of upstreams and asks of them.
///
/// @param connectionsMax connections of one authority on one event loop
/// @param loopConnectionsMax connections of one event loop to all authorities together
/// @param waitingMax exchanges that wait for a connection of one authority on one event loop; one
///   more fails at once
/// @param streamsMax exchanges at the same time on one HTTP/2 connection; the upstream may allow
///   less
/// @param connectMillis time for TCP and TLS together, for the last address of a name
/// @param tryMillis time for each address before the last
/// @param idleMillis how long a connection is kept that carries nothing; shorter than what common
///   servers wait (nginx 75 s, Go without limit, Node 5 s by its `Keep-Alive` field)
/// @param bodyBytesMax largest response that is buffered
/// @param bufferedBytesMax all responses that are being buffered at the same time, together
public record UpstreamLimits(
        int connectionsMax,
        int loopConnectionsMax,
        int waitingMax,
        int streamsMax,
        int connectMillis,
        int tryMillis,
        int idleMillis,
        int bodyBytesMax,
        long bufferedBytesMax) {
    /// The status line and the header lines of a response together, in bytes: as for requests.
    static final int HEAD_BYTES_MAX = 32 * 1024;

    /// Header fields of a response: as for requests.
    static final int HEADERS_MAX = 100;

    /// Trailer lines of a response together, in bytes.
    static final int TRAILER_BYTES_MAX = 8 * 1024;

    /// Interim responses (1xx) before the final one.
    static final int INTERIM_MAX = 16;

    private static final long MEBIBYTE = 1024 * 1024;

    /// The limits of a node; what is buffered may take a quarter of the heap.
    public static UpstreamLimits ofThisMachine() {
        return new UpstreamLimits(
                256,
                4096,
                1024,
                100,
                3_000,
                1_000,
                30_000,
                (int) (8 * MEBIBYTE),
                Math.max(32 * MEBIBYTE, Runtime.getRuntime().maxMemory() / 4));
    }
}
