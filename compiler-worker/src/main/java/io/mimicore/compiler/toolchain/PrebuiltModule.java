package io.mimicore.compiler.toolchain;

import io.mimicore.build.SourceProblem;
import io.mimicore.compiler.machine.MachineCompiler;
import java.util.List;

/// A module that its author built: nothing is compiled here, only checked later. Thread-safe.
public final class PrebuiltModule implements Toolchain {
    /// Its name in build requests.
    public static final String NAME = "wasm";

    private static final byte[] MAGIC = {0, 'a', 's', 'm'};

    @Override
    public String name() {
        return NAME;
    }

    /// The runtime's version: what the machine classes depend on.
    @Override
    public String version() {
        return MachineCompiler.RUNTIME;
    }

    @Override
    public void prepare() {
        // There is nothing to get ready.
    }

    @Override
    public Compilation compile(byte[] source) {
        if (source.length < MAGIC.length
                || !java.util.Arrays.equals(source, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            return Compilation.Refused.of(
                    new SourceProblem(
                            0,
                            0,
                            "WASM_MALFORMED",
                            "the file is not a WASM module",
                            "give the binary form, whose first bytes are \\0asm; text (.wat) must"
                                    + " be assembled first"));
        }
        return new Compilation.Compiled(source, List.of(), /* wrapped= */ false);
    }
}
