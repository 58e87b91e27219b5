/// Whole servers against each other: the packaged program, a hand-written Netty server and nginx,
/// taking turns under the same load in one run.
///
/// Start at [io.mimicore.benchmarks.http.HttpBenchmark].
@NullMarked
package io.mimicore.benchmarks.http;

import org.jspecify.annotations.NullMarked;
