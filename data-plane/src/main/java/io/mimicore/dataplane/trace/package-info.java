/// The place of a request in a distributed trace, by W3C Trace Context. Start with [TraceContext].
@NullMarked
package io.mimicore.dataplane.trace;

import org.jspecify.annotations.NullMarked;
