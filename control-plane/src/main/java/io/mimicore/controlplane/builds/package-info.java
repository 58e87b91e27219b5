/// What is known of the fleet's workers and of the builds that wait for them. Start with
/// [io.mimicore.controlplane.builds.BuildFleet].
@NullMarked
package io.mimicore.controlplane.builds;

import org.jspecify.annotations.NullMarked;
