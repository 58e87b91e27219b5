/// Proxy mode: a request passed on as it is, its response passed back, both as streams.
///
/// [ProxyClient] makes a [Relay] for each request; it stands between the client's
/// [io.mimicore.dataplane.transport.HttpStream] and the upstream's
/// [io.mimicore.dataplane.upstream.UpstreamStream] and runs on the one event loop of both. Buffers
/// are handed over, never copied; heads are written anew from parsed fields ([RequestLines],
/// [ResponseLines]), so that no two readers can disagree about where a message ends.
@NullMarked
package io.mimicore.dataplane.upstream.proxy;

import org.jspecify.annotations.NullMarked;
