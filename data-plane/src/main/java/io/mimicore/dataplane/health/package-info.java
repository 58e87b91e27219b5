/// What an operator's tools ask of a node: whether it lives, whether it is ready, and its metrics.
@NullMarked
package io.mimicore.dataplane.health;

import org.jspecify.annotations.NullMarked;
