/// What hostile user code costs the other APIs of the same node.
///
/// Start at [io.mimicore.benchmarks.attack.AttackBenchmark].
@NullMarked
package io.mimicore.benchmarks.attack;

import org.jspecify.annotations.NullMarked;
