/// HTTP/1.1 on Netty: framing by RFC 9112, limits, timeouts, answers.
///
/// Start with [HttpServer]; a connection's life is in [HttpConnection]. Netty stays in here.
@NullMarked
package io.mimicore.dataplane.transport;

import org.jspecify.annotations.NullMarked;
