package io.mimicore.dataplane.wasm;

/// What the instances of a node share.
///
/// @param sources time and random bytes
/// @param budget linear memory for all of them together
record GuestEnvironment(WasiHost.Sources sources, MemoryBudget budget) {}
