package io.mimicore.controlplane.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.build.BuildRequest;
import io.mimicore.controlplane.source.ReferencedFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CodeFileTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir Path root;
    private Path configs;

    @BeforeEach
    void makeDirectory() throws IOException {
        configs = Files.createDirectory(root.resolve("configs"));
        Files.writeString(root.resolve("secret.go"), "secret");
    }

    @Test
    void file_inside_isReadWithItsStamp() throws IOException {
        Files.createDirectory(configs.resolve("code"));
        write("code/main.go", "package main", NOW.minusSeconds(60));

        CodeFile file = read("code/main.go");

        assertThat(file.content()).isEqualTo("package main".getBytes(UTF_8));
        assertThat(file.refusal()).isEmpty();
        ReferencedFile reference = file.reference();
        assertThat(reference).isNotNull();
        assertThat(reference == null ? null : reference.stamp()).isNotNull();
    }

    @Test
    void file_writtenThisMoment_isReadAndLookedAtAgain() throws IOException {
        write("main.go", "package", NOW.minusMillis(5));

        CodeFile file = read("main.go");

        assertThat(file.content()).isEqualTo("package".getBytes(UTF_8));
        assertThat(file.reference()).isEqualTo(new ReferencedFile("main.go", null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../secret.go",
                "code/../../secret.go",
                "..",
                "/etc/passwd",
                "",
                " ",
                "a\0b.go"
            })
    void path_thatLeadsOutside_isRefusedAndNotWatched(String path) {
        CodeFile file = read(path);

        assertThat(file.content()).isNull();
        assertThat(file.refusal()).startsWith("source: ");
        assertThat(file.reference()).isNull();
    }

    @Test
    void link_thatLeadsOutside_isRefused() throws IOException {
        Files.createSymbolicLink(configs.resolve("main.go"), root.resolve("secret.go"));
        Files.createSymbolicLink(configs.resolve("up"), root);

        assertThat(read("main.go").content()).isNull();
        assertThat(read("main.go").refusal()).contains("links to");
        assertThat(read("up/secret.go").content()).isNull();
    }

    @Test
    void link_thatStaysInside_isFollowed() throws IOException {
        Path data = Files.createDirectory(configs.resolve("..2026"));
        Files.writeString(data.resolve("main.go"), "package main");
        Files.createSymbolicLink(configs.resolve("..data"), Path.of("..2026"));
        Files.createSymbolicLink(configs.resolve("main.go"), Path.of("..data/main.go"));
        Path link = Files.createSymbolicLink(root.resolve("link"), configs);

        assertThat(CodeFile.read(link, "main.go", () -> NOW).content())
                .isEqualTo("package main".getBytes(UTF_8));
    }

    @Test
    void file_thatIsNotThere_isWaitedFor() {
        CodeFile file = read("main.go");

        assertThat(file.content()).isNull();
        assertThat(file.reference()).isEqualTo(new ReferencedFile("main.go", null));
    }

    @Test
    void file_thatIsTooLarge_isRefused() throws IOException {
        try (var file = new RandomAccessFile(configs.resolve("big.wasm").toFile(), "rw")) {
            file.setLength(BuildRequest.SOURCE_BYTES_MAX + 1L);
        }

        CodeFile read = read("big.wasm");
        assertThat(read.content()).isNull();
        assertThat(read.refusal()).contains("at most");
    }

    @Test
    void directory_isRefused() throws IOException {
        Files.createDirectory(configs.resolve("dir.go"));

        assertThat(read("dir.go").content()).isNull();
    }

    private CodeFile read(String path) {
        return CodeFile.read(configs, path, () -> NOW);
    }

    private void write(String name, String text, Instant modified) throws IOException {
        Path file = configs.resolve(name);
        Files.writeString(file, text);
        Files.setLastModifiedTime(file, FileTime.from(modified));
    }
}
