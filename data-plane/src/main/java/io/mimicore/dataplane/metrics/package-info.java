/// What the node counts about the requests it answers. Start with [HttpMetrics].
@NullMarked
package io.mimicore.dataplane.metrics;

import org.jspecify.annotations.NullMarked;
