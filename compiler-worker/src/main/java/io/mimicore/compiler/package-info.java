/// The compiler worker: turns inline source into WASM once for the whole fleet.
@NullMarked
package io.mimicore.compiler;

import org.jspecify.annotations.NullMarked;
