/// What the control planes of a cluster know together about its nodes: each writes how the nodes of
/// its own streams stand into the store, and reads what the others wrote. Start with
/// [io.mimicore.controlplane.fleet.Fleet].
@NullMarked
package io.mimicore.controlplane.fleet;

import org.jspecify.annotations.NullMarked;
