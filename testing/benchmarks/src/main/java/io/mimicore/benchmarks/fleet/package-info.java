/// What a fleet of many nodes costs a control plane, and how soon a change is everywhere.
///
/// Start at [io.mimicore.benchmarks.fleet.FleetBenchmark].
@NullMarked
package io.mimicore.benchmarks.fleet;

import org.jspecify.annotations.NullMarked;
