package io.mimicore.compiler.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The directory of one build, removed when closed.
public final class Workspace implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Workspace.class);

    private final Path root;

    Workspace(Path root) {
        this.root = root;
    }

    /// A directory in it, made if need be.
    public Path directory(String name) throws IOException {
        return Files.createDirectories(root.resolve(name));
    }

    @Override
    public void close() {
        try {
            DirectoryTree.delete(root);
        } catch (IOException e) {
            // The next start clears it.
            log.warn("build directory {} cannot be removed", root, e);
        }
    }
}
