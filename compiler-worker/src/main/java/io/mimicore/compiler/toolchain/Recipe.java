package io.mimicore.compiler.toolchain;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.compiler.machine.MachineCompiler;
import io.mimicore.ir.Digest;
import java.io.IOException;
import java.util.List;

/// What a build's result depends on besides the compiler and the source: the inspector that wraps
/// the functions, the runtime that the machine classes are made for, the flags.
///
/// Its mark is part of a toolchain's version, and so of the build key: a worker of another release
/// does not take the results of this one for its own.
final class Recipe {
    private static final int MARK_CHARS = 8;

    private Recipe() {}

    /// A toolchain's version with the recipe's mark, as `go1.26.8+1a2b3c4d`.
    static String versionWithMark(String version, List<String> flags) throws BuildMachineException {
        try {
            Digest digest =
                    Digest.of(
                            InspectorSources.load().digest().bytes(),
                            MachineCompiler.RUNTIME.getBytes(UTF_8),
                            String.join("\0", flags).getBytes(UTF_8));
            return version + "+" + digest.hex().substring(0, MARK_CHARS);
        } catch (IOException e) {
            throw new BuildMachineException("the inspector of Go sources", e);
        }
    }
}
