package io.mimicore.config;

import static java.util.Objects.requireNonNull;

/// What `user_code` asks to build.
public sealed interface CodeSource {
    /// Go source written in the config.
    ///
    /// @param text the source, decoded from JSON
    record Inline(String text, Toolchain toolchain) implements CodeSource {
        public Inline {
            requireNonNull(text, "text");
            requireNonNull(toolchain, "toolchain");
        }
    }

    /// A `.go` or `.wasm` file.
    ///
    /// @param path as written, relative to the config
    record File(String path, Toolchain toolchain) implements CodeSource {
        public File {
            requireNonNull(path, "path");
            requireNonNull(toolchain, "toolchain");
        }
    }

    /// The toolchain that is asked for.
    enum Toolchain {
        /// The fleet's default.
        AUTO,
        TINYGO,
        GO
    }
}
