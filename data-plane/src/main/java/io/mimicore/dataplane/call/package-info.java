/// Calling upstreams, without knowing the client behind it. Start with [UpstreamCaller].
@NullMarked
package io.mimicore.dataplane.call;

import org.jspecify.annotations.NullMarked;
