/// The control plane: keeps the catalog, builds snapshots, publishes them to nodes and steers
/// rollouts.
@NullMarked
package io.mimicore.controlplane;

import org.jspecify.annotations.NullMarked;
