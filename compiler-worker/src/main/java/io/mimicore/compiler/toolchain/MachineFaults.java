package io.mimicore.compiler.toolchain;

import java.util.List;

/// Tells a compiler's words about the machine from words about the program.
final class MachineFaults {
    private static final List<String> WORDS =
            List.of(
                    "no space left on device",
                    "disk quota exceeded",
                    "input/output error",
                    "read-only file system",
                    "permission denied",
                    "operation not permitted",
                    "too many open files",
                    "text file busy",
                    // A cache that was cleared away under the compiler; sources cannot name files.
                    "no such file or directory",
                    "resource temporarily unavailable",
                    "is not in std (",
                    "cannot find GOROOT",
                    "build cache is required");

    private MachineFaults() {}

    /// Whether `output` blames the machine.
    static boolean isNamedIn(String output) {
        return WORDS.stream().anyMatch(output::contains);
    }
}
