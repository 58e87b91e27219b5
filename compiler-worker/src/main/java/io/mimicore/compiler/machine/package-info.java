/// Compiles modules to JVM classes, so that no node has to.
///
/// Start with [MachineCompiler].
@NullMarked
package io.mimicore.compiler.machine;

import org.jspecify.annotations.NullMarked;
