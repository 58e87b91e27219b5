/// Puts a node together. Start with [DataPlaneNode].
@NullMarked
package io.mimicore.dataplane.node;

import org.jspecify.annotations.NullMarked;
