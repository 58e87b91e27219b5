/// Who of several control planes publishes. Start with
/// [io.mimicore.controlplane.leader.Leadership].
@NullMarked
package io.mimicore.controlplane.leader;

import org.jspecify.annotations.NullMarked;
