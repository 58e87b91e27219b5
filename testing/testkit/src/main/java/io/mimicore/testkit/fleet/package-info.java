/// Nodes by the thousand in one process, for tests and benchmarks of what nodes are served by.
///
/// Start with [SimulatedFleet].
@NullMarked
package io.mimicore.testkit.fleet;

import org.jspecify.annotations.NullMarked;
