package io.mimicore.compiler.toolchain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompilerCacheTest {
    private static final int BYTES_MAX = 100;

    @TempDir private Path directory;

    CompilerCacheTest() {
        directory = Path.of("");
    }

    @Test
    void trim_withinTheBound_removesNothing() throws Exception {
        Path file = file("aa/one-d", BYTES_MAX, 1);

        new CompilerCache(directory, BYTES_MAX).trim();

        assertThat(file).exists();
    }

    @Test
    void trim_aboveTheBound_removesTheOldestDownToHalf() throws Exception {
        Path[] files = new Path[12];
        for (int i = 0; i < files.length; i++) {
            files[i] = file("aa/" + i + "-d", 10, i);
        }

        new CompilerCache(directory, BYTES_MAX).trim();

        for (int i = 0; i < files.length; i++) {
            assertThat(Files.exists(files[i])).as("file %s", i).isEqualTo(i >= 7);
        }
    }

    @Test
    void trim_filesKept_areLeftThoughTheyAreTheOldest() throws Exception {
        Path library = file("aa/library-d", 40, 1);
        var cache = new CompilerCache(directory, BYTES_MAX);
        cache.keepAll();
        Path edit = file("bb/edit-d", 90, 2);

        cache.trim();

        assertThat(library).exists();
        assertThat(edit).doesNotExist();
    }

    @Test
    void during_manyBuildsThatLeaveFiles_staysNearTheBound() throws Exception {
        var cache = new CompilerCache(directory, BYTES_MAX);
        for (int i = 0; i < 3 * CompilerCache.CHECK_BUILDS; i++) {
            int build = i;
            cache.during(() -> file("aa/" + build + "-d", 10, build));
        }
        cache.during(() -> directory);

        try (var left = Files.list(directory.resolve("aa"))) {
            assertThat(left).hasSizeLessThanOrEqualTo(BYTES_MAX / 10);
        }
    }

    private Path file(String name, int bytes, int second) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, new byte[bytes]);
        return Files.setLastModifiedTime(
                file, FileTime.from(Instant.ofEpochSecond(1_700_000_000L + second)));
    }
}
