/// Limits on how often something may happen. Start with [TokenBucket].
@NullMarked
package io.mimicore.dataplane.limit;

import org.jspecify.annotations.NullMarked;
