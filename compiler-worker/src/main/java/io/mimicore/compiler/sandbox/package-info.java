/// Runs compilers on authors' programs: an empty environment, private directories, no network, and
/// bounds on time, memory, processes, files and output.
///
/// Start with [BuildSandbox].
@NullMarked
package io.mimicore.compiler.sandbox;

import org.jspecify.annotations.NullMarked;
