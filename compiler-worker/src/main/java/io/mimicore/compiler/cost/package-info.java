/// What it takes to compile a module to JVM classes, known before anything of it is decoded.
///
/// Start with [ModuleCost].
@NullMarked
package io.mimicore.compiler.cost;

import org.jspecify.annotations.NullMarked;
