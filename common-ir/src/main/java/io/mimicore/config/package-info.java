/// Reads an author's file, v1 or v2, and compiles it to IR, with every problem at its place.
///
/// Start with [ConfigReader], which reads everything that stands in the file, and [ConfigCompiler],
/// which adds what only the built user code can tell: its functions.
@NullMarked
package io.mimicore.config;

import org.jspecify.annotations.NullMarked;
