package io.mimicore.system;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The launcher's archive of classes, in an installation of its own: it is made, used, and never in
/// the way.
class StartArchiveTest {
    private static final long SEED = 7;
    private static final int DAMAGED_BYTES = 1 << 20;

    @TempDir private Path root;

    @Test
    void archive_madeUsedDamaged_neverKeepsTheProgramFromStarting() throws Exception {
        Path lib = Path.of(System.getProperty("mimicore.root"), "cli/target/mimicore/lib");
        Files.createSymbolicLink(root.resolve("lib"), lib.toAbsolutePath());
        Files.copy(
                Path.of(System.getProperty("mimicore.root"), "mimicore"), root.resolve("mimicore"));
        // Compiling Go's library is not what is tested.
        Path toolchains = cache().resolve("toolchains");
        Files.createDirectories(toolchains);
        Files.createDirectories(root.resolve("cache"));
        Files.createSymbolicLink(root.resolve("cache/toolchains"), toolchains);
        Files.createDirectories(root.resolve("configs"));
        Files.writeString(root.resolve("configs/api.json"), Marked.plain("api", 1));

        Process making = launcher("archive").start();
        String printed = new String(making.getInputStream().readAllBytes(), UTF_8).strip();
        assertThat(making.waitFor()).isZero();
        Path archive = Path.of(printed);
        assertThat(archive).isRegularFile();
        assertThat(isMapped(archive)).as("mapped by the program").isTrue();

        try (var file = new RandomAccessFile(archive.toFile(), "rw")) {
            byte[] noise = new byte[DAMAGED_BYTES];
            new Random(SEED).nextBytes(noise);
            file.seek(file.length() / 3);
            file.write(noise);
        }
        assertThat(isMapped(archive)).as("damaged and mapped").isFalse();
    }

    /// Starts the program until it is ready, and ends it.
    private boolean isMapped(Path archive) throws IOException, InterruptedException {
        Process process =
                launcher(
                                "up",
                                "--configs",
                                root.resolve("configs").toString(),
                                "--state",
                                root.resolve("state").toString(),
                                "--port",
                                "0",
                                "--metrics-port",
                                "0",
                                "--stream-port",
                                "0",
                                "--admin-port",
                                "0")
                        .start();
        try (BufferedReader out = process.inputReader(UTF_8)) {
            assertThat(out.readLine()).startsWith("mimicore ready");
            return Files.readString(Path.of("/proc/" + process.pid() + "/maps"))
                    .contains(archive.toString());
        } finally {
            process.destroy();
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        }
    }

    /// Where this machine keeps what every run may share.
    private static Path cache() {
        String chosen = System.getenv("MIMICORE_CACHE");
        return chosen == null
                ? Path.of(System.getProperty("user.home"), ".cache", "mimicore")
                : Path.of(chosen).toAbsolutePath();
    }

    private ProcessBuilder launcher(String... arguments) {
        var command = new ArrayList<>(List.of("bash", root.resolve("mimicore").toString()));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("MIMICORE_CACHE", root.resolve("cache").toString());
        builder.environment().remove("MIMICORE_JAVA_OPTS");
        return builder;
    }
}
