/// Turns an author's program into a WASM module: Go, TinyGo, or a module that is there already.
///
/// Start with [Toolchain]; [GoToolchain] is the usual one.
@NullMarked
package io.mimicore.compiler.toolchain;

import org.jspecify.annotations.NullMarked;
