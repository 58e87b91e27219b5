package io.mimicore.containers;

import io.mimicore.testkit.process.Part;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.images.builder.ImageFromDockerfile;

/// Makes containers of the parts that `./dev parts` builds.
final class ServerImage {
    /// The C library and its loader, which a part may be linked with; copied if they are there.
    private static final List<String> LIBRARIES =
            List.of("/lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/libc.so.6");

    private ServerImage() {}

    /// Whether there is a container engine.
    static boolean hasEngine() {
        return DockerClientFactory.instance().isDockerAvailable();
    }

    /// A container that runs a part and nothing else, not started.
    static GenericContainer<?> of(String part) {
        var dockerfile = new StringBuilder("FROM scratch\nCOPY server /server\nCOPY data /data\n");
        var image =
                new ImageFromDockerfile("localhost/mimicore-test-" + part + ":latest", false)
                        .withFileFromPath("server", Part.executable(part))
                        .withFileFromString("data/empty", "");
        for (String library : LIBRARIES) {
            if (Files.exists(Path.of(library))) {
                String name = Path.of(library).getFileName().toString();
                image.withFileFromPath(name, Path.of(library));
                dockerfile.append("COPY ").append(name).append(' ').append(library).append('\n');
            }
        }
        dockerfile.append("ENTRYPOINT [\"/server\"]\n");
        return new GenericContainer<>(
                image.withFileFromString("Dockerfile", dockerfile.toString()));
    }
}
