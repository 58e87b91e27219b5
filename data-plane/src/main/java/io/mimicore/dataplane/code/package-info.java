/// Calling user code, without knowing the WASM runtime behind it. Start with [CodePool].
@NullMarked
package io.mimicore.dataplane.code;

import org.jspecify.annotations.NullMarked;
