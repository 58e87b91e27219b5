/// How long a change takes: from saving a file to serving it, from a restart to the first answer,
/// and what traffic notices of a large version.
///
/// Start at [io.mimicore.benchmarks.change.ChangeBenchmark].
@NullMarked
package io.mimicore.benchmarks.change;

import org.jspecify.annotations.NullMarked;
