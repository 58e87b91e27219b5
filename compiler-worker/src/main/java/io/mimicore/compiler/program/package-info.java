/// The whole way of one program: toolchain, checks, machine classes, a trial start.
///
/// Start with [ProgramBuild].
@NullMarked
package io.mimicore.compiler.program;

import org.jspecify.annotations.NullMarked;
