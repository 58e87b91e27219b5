/// The client of upstreams, on the same event loops as the requests that it serves.
///
/// Layers, from the wire up; each knows only the ones below it:
///
/// 1. [ResponseHeadParser], [BodyFraming], [ResponseHead]: HTTP/1.1 responses, read as strictly as
///    requests are (RFC 9112 §6.3).
/// 2. [AddressBook] (names to addresses, off the loops; [DnsLookup] finds them), [Dialer] (TCP,
///    TLS, ALPN).
/// 3. [UpstreamConnection]: one connection that carries exchanges: [Http1Connection] one at a time,
///    [Http2Connection] many.
/// 4. [ConnectionPool]: the connections of one authority on one loop, and who waits for them.
/// 5. [UpstreamClient#open]: one exchange, streamed in both directions: an [UpstreamRequest] goes
///    in, a [ResponseListener] hears the response piece by piece, an [UpstreamStream] takes the
///    request's body and says stop. Nothing is buffered here, so a proxy can be put on it.
/// 6. [BufferedCall]: a whole response within a limit and a time, with one retry; what
///    `transform.http` uses through `dataplane.call`.
///
/// Confined to event loops but for [UpstreamClient], [AddressBook] and [Dialer], which loops share.
/// Ownership: whoever is handed a `ByteBuf` releases it.
@NullMarked
package io.mimicore.dataplane.upstream;

import org.jspecify.annotations.NullMarked;
