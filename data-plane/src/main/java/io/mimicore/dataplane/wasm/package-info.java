/// Runs user code: WASM modules in instances that know nothing of the host and nothing of each
/// other.
///
/// Start with [WasmCodePools], which loads artifacts, then [WasmCodePool], which calls functions. A
/// [Guest] is one instance; [WarmImage] is the state every call of it starts from; [WasiHost] is
/// all that code inside can reach. Only this package imports the WASM runtime.
@NullMarked
package io.mimicore.dataplane.wasm;

import org.jspecify.annotations.NullMarked;
