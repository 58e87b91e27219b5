/// Values on a request's way from extraction to response. Start with [Value].
@NullMarked
package io.mimicore.dataplane.value;

import org.jspecify.annotations.NullMarked;
