package io.mimicore.dataplane.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DurableFileTest {
    @TempDir Path directory;

    @Test
    void replace_missingDirectory_makesIt() throws IOException {
        Path file = directory.resolve("a/b/file");

        DurableFile.replace(file, out -> out.write("new".getBytes(UTF_8)));
        DurableFile.forceDirectory(directory);

        assertThat(file).hasContent("new");
    }

    @Test
    void replace_diskFullHalfWay_keepsTheOldContentAndLeavesNothing() throws IOException {
        Path file = directory.resolve("file");
        Files.writeString(file, "old");

        assertThatThrownBy(() ->
                        DurableFile.replace(
                                file,
                                out -> {
                                    out.write(new byte[1 << 20]);
                                    throw new IOException("no space left on device");
                                }))
                .isInstanceOf(IOException.class)
                .hasMessage("no space left on device");

        assertThat(file).hasContent("old");
        assertThat(directory).isDirectoryNotContaining("glob:**.tmp");
    }

    @Test
    void replace_whileWriting_showsTheOldContentOnly() throws IOException {
        Path file = directory.resolve("file");
        Files.writeString(file, "old");

        DurableFile.replace(
                file,
                out -> {
                    out.write(new byte[1 << 20]);
                    assertThat(file).hasContent("old");
                });

        assertThat(Files.size(file)).isEqualTo(1 << 20);
    }
}
