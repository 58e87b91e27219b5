/// Tests of the sandbox on modules that the Go toolchain builds here and now.
@NullMarked
package io.mimicore.dataplane.wasm;

import org.jspecify.annotations.NullMarked;
