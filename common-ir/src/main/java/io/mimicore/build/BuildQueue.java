package io.mimicore.build;

import io.mimicore.config.CodeSource;

/// Where a build is asked for.
///
/// Thread-safe. Blocks until the build has ended or its deadline has passed: call it on a virtual
/// thread.
public interface BuildQueue {
    /// Builds the program, or finds it built.
    ///
    /// @param source Go text or a module's bytes
    /// @param wasm whether `source` is a module
    BuildOutcome build(byte[] source, boolean wasm, CodeSource.Toolchain toolchain)
            throws InterruptedException;
}
