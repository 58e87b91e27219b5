/// Time as the control plane takes it: one clock for intervals that can also wake someone.
@NullMarked
package io.mimicore.controlplane.time;

import org.jspecify.annotations.NullMarked;
