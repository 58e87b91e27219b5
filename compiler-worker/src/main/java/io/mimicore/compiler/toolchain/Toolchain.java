package io.mimicore.compiler.toolchain;

/// Makes a module of a program.
///
/// Thread-safe; methods block.
public interface Toolchain {
    /// Its name in build requests: `go`, `tinygo` or `wasm`.
    String name();

    /// Its version as registered, e.g. `go1.26.8`. Part of the build key.
    String version();

    /// Gets ready for builds, which may take minutes once on a new machine. The first build does it
    /// otherwise.
    ///
    /// @throws BuildMachineException if this machine cannot build
    void prepare() throws BuildMachineException, InterruptedException;

    /// Compiles one program.
    ///
    /// @throws BuildMachineException if this machine failed, whatever the program is
    Compilation compile(byte[] source) throws BuildMachineException, InterruptedException;
}
