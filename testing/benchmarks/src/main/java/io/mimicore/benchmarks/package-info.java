/// JMH benchmarks of the hot path.
@NullMarked
package io.mimicore.benchmarks;

import org.jspecify.annotations.NullMarked;
