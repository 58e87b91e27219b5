/// One HTTP request and its answer, without knowing the transport.
///
/// Start with [Exchange]. Everything of an exchange happens on one event loop.
@NullMarked
package io.mimicore.dataplane.http;

import org.jspecify.annotations.NullMarked;
