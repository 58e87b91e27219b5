package io.mimicore.controlplane.source;

import static io.mimicore.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.controlplane.source.DirectoryEvent.Looked;
import io.mimicore.controlplane.source.DirectoryEvent.Unavailable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the ways in which files are really written come to, on a real directory.
class DirectorySourceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final Told told = new Told();

    @TempDir Path root;
    private Path configs;
    private @Nullable DirectorySource source;

    @BeforeEach
    void makeDirectory() throws IOException {
        configs = Files.createDirectory(root.resolve("configs"));
    }

    @AfterEach
    void close() {
        if (source != null) {
            source.close();
        }
    }

    @Test
    void files_thatLieThere_areToldAtTheStart() throws IOException {
        write("a.json", "{}");
        write("b.json", "{\"b\":1}");
        Files.createDirectories(configs.resolve("sub/c.json"));
        Files.writeString(configs.resolve("sub/d.json"), "{}");

        start();

        eventually(
                PATIENCE,
                () ->
                        assertThat(told.contents())
                                .isEqualTo(Map.of("a.json", "{}", "b.json", "{\"b\":1}")));
        assertThat(told.present()).isEqualTo(Set.of("a.json", "b.json"));
    }

    @Test
    void file_savedInPlace_isTold() throws IOException {
        write("a.json", "{}");
        start();
        awaitContent("a.json", "{}");

        write("a.json", "{\"v\":2}");

        awaitContent("a.json", "{\"v\":2}");
        assertThat(told.malformed()).isEmpty();
    }

    @Test
    void file_replacedByRename_isTold() throws IOException {
        write("a.json", "{}");
        start();
        awaitContent("a.json", "{}");

        Files.writeString(configs.resolve(".a.json.tmp123"), "{\"v\":2}");
        Files.move(
                configs.resolve(".a.json.tmp123"),
                configs.resolve("a.json"),
                StandardCopyOption.ATOMIC_MOVE);

        awaitContent("a.json", "{\"v\":2}");
        assertThat(told.names()).containsOnly("a.json");
    }

    @Test
    void file_savedAsVimDoes_isTold() throws IOException {
        write("a.json", "{}");
        start();
        awaitContent("a.json", "{}");

        // vim: probes with 4913, moves the file to a backup, writes it anew, removes the backup.
        write("4913", "");
        Files.delete(configs.resolve("4913"));
        write(".a.json.swp", "swap");
        Files.move(configs.resolve("a.json"), configs.resolve("a.json~"));
        write("a.json", "{\"v\":2}");
        Files.delete(configs.resolve("a.json~"));
        Files.delete(configs.resolve(".a.json.swp"));

        awaitContent("a.json", "{\"v\":2}");
        assertThat(told.names()).containsOnly("a.json");
        assertThat(told.present()).contains("a.json");
        assertThat(told.everRemoved()).isFalse();
    }

    @Test
    void file_writtenInPieces_isToldWhole() throws IOException {
        write("a.json", "{}");
        start();
        awaitContent("a.json", "{}");
        String text = "{\"v\":\"" + "x".repeat(20_000) + "\"}";

        try (OutputStream out = Files.newOutputStream(configs.resolve("a.json"))) {
            for (int at = 0; at < text.length(); at += 1_000) {
                out.write(text.substring(at, Math.min(text.length(), at + 1_000)).getBytes(UTF_8));
                out.flush();
            }
        }

        awaitContent("a.json", text);
    }

    @Test
    void links_turnedAsKubernetesTurnsThem_tellTheNewFiles() throws IOException {
        Path first = Files.createDirectory(configs.resolve("..2026_01"));
        Files.writeString(first.resolve("a.json"), "{\"v\":1}");
        Files.writeString(first.resolve("old.json"), "{\"old\":1}");
        Files.createSymbolicLink(configs.resolve("..data"), Path.of("..2026_01"));
        Files.createSymbolicLink(configs.resolve("a.json"), Path.of("..data/a.json"));
        Files.createSymbolicLink(configs.resolve("old.json"), Path.of("..data/old.json"));
        start();
        awaitContent("a.json", "{\"v\":1}");
        awaitContent("old.json", "{\"old\":1}");

        Path second = Files.createDirectory(configs.resolve("..2026_02"));
        Files.writeString(second.resolve("a.json"), "{\"v\":2}");
        Files.writeString(second.resolve("new.json"), "{\"new\":1}");
        Files.createSymbolicLink(configs.resolve("..data_tmp"), Path.of("..2026_02"));
        Files.move(
                configs.resolve("..data_tmp"),
                configs.resolve("..data"),
                StandardCopyOption.ATOMIC_MOVE);
        Files.createSymbolicLink(configs.resolve("new.json"), Path.of("..data/new.json"));
        Files.delete(configs.resolve("old.json"));
        deleteTree(first);

        awaitContent("a.json", "{\"v\":2}");
        awaitContent("new.json", "{\"new\":1}");
        eventually(
                PATIENCE, () -> assertThat(told.present()).isEqualTo(Set.of("a.json", "new.json")));
    }

    @Test
    void directory_thatVanishesAndReturns_isUnavailableMeanwhile() throws IOException {
        write("a.json", "{}");
        start();
        awaitContent("a.json", "{}");
        Path aside = root.resolve("aside");

        Files.move(configs, aside);
        eventually(PATIENCE, () -> assertThat(told.unavailable()).isNotEmpty());
        assertThat(told.present()).isEqualTo(Set.of("a.json"));

        Files.writeString(aside.resolve("b.json"), "{\"b\":1}");
        Files.move(aside, configs);
        awaitContent("b.json", "{\"b\":1}");
        eventually(PATIENCE, () -> assertThat(told.unavailable()).isEmpty());
    }

    @Test
    void directory_thatIsNotThereYet_isWaitedFor() throws IOException {
        Files.delete(configs);
        start();
        eventually(PATIENCE, () -> assertThat(told.unavailable()).contains("no such directory"));

        Files.createDirectory(configs);
        write("a.json", "{}");

        awaitContent("a.json", "{}");
    }

    @Test
    void files_deletedAllAtOnce_areGone() throws IOException {
        for (int i = 0; i < 20; i++) {
            write("f" + i + ".json", "{\"f\":" + i + "}");
        }
        start();
        eventually(PATIENCE, () -> assertThat(told.contents()).hasSize(20));

        for (int i = 0; i < 20; i++) {
            Files.delete(configs.resolve("f" + i + ".json"));
        }

        eventually(PATIENCE, () -> assertThat(told.present()).isEmpty());
    }

    @Test
    void codeFile_changed_tellsItsConfigAgain() throws IOException {
        Path code = Files.createDirectory(configs.resolve("code"));
        Files.writeString(code.resolve("a.go"), "package main");
        write("a.json", "{}");
        start();
        awaitContent("a.json", "{}");
        requireSource().watchAlso("a.json", List.of(new ReferencedFile("code/a.go", null)));
        eventually(PATIENCE, () -> assertThat(told.times("a.json")).isEqualTo(2));

        FileStamp stamp =
                FileStamp.of(
                        Files.readAttributes(
                                code.resolve("a.go"),
                                java.nio.file.attribute.BasicFileAttributes.class));
        requireSource().watchAlso("a.json", List.of(new ReferencedFile("code/a.go", stamp)));
        Files.writeString(code.resolve("a.go"), "package main // changed");

        eventually(PATIENCE, () -> assertThat(told.times("a.json")).isEqualTo(3));
    }

    private void start() {
        source =
                DirectorySource.of(
                        configs,
                        content -> new String(content, UTF_8).endsWith("}"),
                        Clock.systemUTC(),
                        System::nanoTime,
                        told);
        requireSource().start();
    }

    private DirectorySource requireSource() {
        return java.util.Objects.requireNonNull(source, "source");
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(configs.resolve(name), text);
    }

    private void awaitContent(String name, String text) {
        eventually(PATIENCE, () -> assertThat(told.contents()).containsEntry(name, text));
    }

    private static void deleteTree(Path directory) throws IOException {
        try (var files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    /// Keeps what was told.
    private static final class Told implements DirectorySource.Listener {
        private final Map<String, String> contents = new TreeMap<>();
        private final List<String> names = new ArrayList<>();
        private final List<String> malformed = new ArrayList<>();
        private Set<String> present = Set.of();
        private String unavailable = "";
        private boolean everRemoved;

        @Override
        public synchronized void accept(DirectoryEvent event) {
            switch (event) {
                case Unavailable gone -> unavailable = gone.reason();
                case Looked looked -> {
                    unavailable = "";
                    everRemoved |= !looked.present().containsAll(present);
                    present = looked.present();
                    looked.changed().forEach(this::found);
                }
            }
        }

        private void found(FoundFile file) {
            String text = new String(file.content(), UTF_8);
            names.add(file.key().name());
            contents.put(file.key().name(), text);
            if (!text.endsWith("}")) {
                malformed.add(text);
            }
        }

        synchronized Map<String, String> contents() {
            return new TreeMap<>(contents);
        }

        synchronized List<String> names() {
            return List.copyOf(names);
        }

        synchronized long times(String name) {
            return names.stream().filter(name::equals).count();
        }

        synchronized List<String> malformed() {
            return List.copyOf(malformed);
        }

        synchronized Set<String> present() {
            return present;
        }

        synchronized String unavailable() {
            return unavailable;
        }

        synchronized boolean everRemoved() {
            return everRemoved;
        }
    }
}
