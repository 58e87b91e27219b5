package io.mimicore.controlplane.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.config.ConfigFile;
import io.mimicore.controlplane.source.DirectoryEvent.Looked;
import io.mimicore.controlplane.source.DirectoryEvent.Unavailable;
import io.mimicore.diagnostics.DiagnosticCode;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DirectoryScannerTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00.5Z");
    private static final Instant LONG_AGO = START.minusSeconds(3_600);
    private static final SourceId SOURCE = SourceId.directory(Path.of("/configs"));

    private final FakeDirectory files = new FakeDirectory();
    private final DirectoryScanner scanner =
            new DirectoryScanner(
                    SOURCE,
                    files,
                    content -> new String(content, UTF_8).endsWith("}"),
                    () -> START.plus(elapsed()),
                    () -> elapsed().toNanos());
    private Duration elapsed = Duration.ZERO;

    @Test
    void file_thatIsOld_isToldAtOnce() {
        files.write("a.json", "{}", LONG_AGO);

        Looked looked = looked();

        assertThat(names(looked)).containsExactly("a.json={}");
        assertThat(looked.complete()).isTrue();
        assertThat(look().event()).isNull();
    }

    @Test
    void directory_thatIsEmpty_isToldOnceAsComplete() {
        Looked looked = looked();

        assertThat(looked.present()).isEmpty();
        assertThat(looked.complete()).isTrue();
        assertThat(look().event()).isNull();
    }

    @Test
    void file_writtenThisMoment_isToldWhenAnotherWriteWouldShow() {
        files.write("a.json", "{}", START);

        DirectoryScanner.Look first = look();
        assertThat(first.event())
                .isInstanceOfSatisfying(
                        Looked.class,
                        looked -> {
                            assertThat(looked.changed()).isEmpty();
                            assertThat(looked.complete()).isFalse();
                        });
        assertThat(first.again()).isEqualTo(FileStamp.FRESH);

        pass(FileStamp.FRESH);
        assertThat(names(looked())).containsExactly("a.json={}");
    }

    @Test
    void file_writtenInTheSameSecondOnACoarseFileSystem_waitsForTheNextSecond() {
        Instant wholeSecond = Instant.parse("2026-01-01T00:00:00Z");
        files.write("a.json", "{}", wholeSecond);

        assertThat(names(looked())).isEmpty();
        pass(Duration.ofMillis(600));

        assertThat(names(looked())).containsExactly("a.json={}");
    }

    @Test
    void file_changedWhileItIsRead_isNotTold() {
        files.write("a.json", "{}", LONG_AGO);
        files.whileReading(() -> files.write("a.json", "{\"b\":1}", LONG_AGO.plusSeconds(1)));

        assertThat(names(looked())).isEmpty();

        assertThat(names(looked())).containsExactly("a.json={\"b\":1}");
    }

    @Test
    void file_rewrittenWithTheSameBytes_isNotToldAgain() {
        files.write("a.json", "{}", LONG_AGO);
        looked();
        files.write("a.json", "{}", LONG_AGO.plusSeconds(1));

        assertThat(look().event()).isNull();
        assertThat(files.reads()).isEqualTo(2);
        look();
        assertThat(files.reads()).isEqualTo(2);
    }

    @Test
    void file_truncatedAndWrittenAgainSoon_isToldOnceAndWhole() {
        files.write("a.json", "{}", LONG_AGO);
        looked();
        files.write("a.json", "", LONG_AGO.plusSeconds(1));
        DirectoryScanner.Look empty = look();
        assertThat(empty.event()).isNull();
        assertThat(empty.again()).isEqualTo(DirectoryScanner.DOUBT);

        pass(DirectoryScanner.DOUBT.dividedBy(2));
        files.write("a.json", "{\"b\":1}", LONG_AGO.plusSeconds(2));

        assertThat(names(looked())).containsExactly("a.json={\"b\":1}");
    }

    @Test
    void file_thatStaysMalformed_isToldAfterTheDoubt() {
        files.write("a.json", "{", LONG_AGO);

        assertThat(names(looked())).isEmpty();
        pass(DirectoryScanner.DOUBT.minusMillis(1));
        assertThat(look().event()).isNull();
        pass(Duration.ofMillis(1));

        Looked looked = looked();
        assertThat(names(looked)).containsExactly("a.json={");
        assertThat(looked.complete()).isTrue();
        assertThat(look().again()).isNull();
    }

    @Test
    void file_thatKeepsChangingAndIsNeverWellFormed_isToldInTheEnd() {
        int told = 0;
        int looks = 0;
        while (told == 0 && looks < 100) {
            files.write("a.json", "{ " + looks, LONG_AGO.plusSeconds(looks));
            looks++;
            if (look().event() instanceof Looked looked) {
                told += looked.changed().size();
            }
            pass(DirectoryScanner.DOUBT.dividedBy(2));
        }

        long millis = looks * DirectoryScanner.DOUBT.dividedBy(2).toMillis();
        assertThat(told).isEqualTo(1);
        assertThat(millis).isBetween(1_900L, 2_200L);
    }

    @Test
    void file_goneForAMoment_isMissingAndThenBack() {
        files.write("a.json", "{}", LONG_AGO);
        looked();
        files.remove("a.json");

        Looked gone = looked();
        assertThat(gone.present()).containsExactly("a.json");
        assertThat(gone.missing()).containsExactly("a.json");

        files.write("a.json", "{}", LONG_AGO.plusSeconds(1));
        Looked back = looked();
        assertThat(back.missing()).isEmpty();
        assertThat(back.changed()).isEmpty();
    }

    @Test
    void files_deletedOneAfterTheOther_goTogether() {
        for (int i = 0; i < 3; i++) {
            files.write("f" + i + ".json", "{}", LONG_AGO);
        }
        looked();

        for (int i = 0; i < 3; i++) {
            files.remove("f" + i + ".json");
            assertThat(looked().present()).hasSize(3);
            pass(DirectoryScanner.SETTLE.minusMillis(1));
        }
        DirectoryScanner.Look waiting = look();
        assertThat(waiting.event()).isNull();
        assertThat(waiting.again()).isEqualTo(Duration.ofMillis(1));
        pass(Duration.ofMillis(1));

        assertThat(looked().present()).isEmpty();
    }

    @Test
    void names_ofEditorsAndHidden_areNotConfigs() {
        List<String> others =
                List.of(
                        ".a.json.swp",
                        ".#a.json",
                        "#a.json#",
                        "a.json~",
                        "4913",
                        "a.json.tmp",
                        ".hidden.json",
                        "..data",
                        "a.go",
                        "a.json___jb_tmp___",
                        "~a.json");
        others.forEach(name -> files.write(name, "{}", LONG_AGO));
        files.write("a.json", "{}", LONG_AGO);
        files.write("B.JSON", "{}", LONG_AGO);

        assertThat(looked().present()).containsExactlyInAnyOrder("a.json", "B.JSON");
    }

    @Test
    void directory_thatCannotBeListed_isUnavailableOnceAndThenBack() {
        files.write("a.json", "{}", LONG_AGO);
        looked();
        files.fail(new NoSuchFileException("/configs"));

        assertThat(look().event()).isEqualTo(new Unavailable(SOURCE, "there is no such directory"));
        assertThat(look().event()).isNull();
        files.fail(null);

        Looked back = looked();
        assertThat(back.present()).containsExactly("a.json");
        assertThat(back.changed()).isEmpty();
    }

    @Test
    void file_thatCannotBeRead_isAProblemOnceAndMendsItself() {
        files.deny("a.json", LONG_AGO);

        Looked looked = looked();
        assertThat(looked.unreadable())
                .singleElement()
                .satisfies(file -> {
                    assertThat(file.code()).isEqualTo(DiagnosticCode.FILE_UNREADABLE);
                    assertThat(file.message()).contains("denied");
                });
        assertThat(looked.complete()).isTrue();
        assertThat(look().event()).isNull();

        files.write("a.json", "{}", LONG_AGO);
        assertThat(names(looked())).containsExactly("a.json={}");
    }

    @Test
    void file_thatIsTooLarge_isAProblemAndIsNotRead() {
        files.write("a.json", "x".repeat(ConfigFile.BYTES_MAX + 1), LONG_AGO);

        assertThat(looked().unreadable())
                .singleElement()
                .satisfies(
                        file -> assertThat(file.code()).isEqualTo(DiagnosticCode.FILE_TOO_LARGE));
        assertThat(files.reads()).isZero();
    }

    @Test
    void config_whoseCodeFileChanges_isToldAgainOnce() throws IOException {
        files.write("a.json", "{}", LONG_AGO);
        files.write("a.go", "package main", LONG_AGO);
        looked();
        FileStamp built = files.stamp("a.go");
        var references = Map.of("a.json", List.of(new ReferencedFile("a.go", built)));
        assertThat(scanner.look(references).event()).isNull();

        files.write("a.go", "package main // 2", LONG_AGO.plusSeconds(1));

        assertThat(scanner.look(references).event())
                .isInstanceOfSatisfying(
                        Looked.class,
                        looked -> assertThat(names(looked)).containsExactly("a.json={}"));
        // The build is still under way; the config names the old stamp.
        assertThat(scanner.look(references).event()).isNull();
    }

    @Test
    void config_whoseCodeFileAppears_isToldAgain() {
        files.write("a.json", "{}", LONG_AGO);
        looked();
        var references = Map.of("a.json", List.of(new ReferencedFile("a.go", null)));
        assertThat(scanner.look(references).event()).isNull();

        files.write("a.go", "package main", LONG_AGO);

        assertThat(scanner.look(references).event()).isInstanceOf(Looked.class);
    }

    private Duration elapsed() {
        return elapsed;
    }

    private void pass(Duration time) {
        elapsed = elapsed.plus(time);
    }

    private DirectoryScanner.Look look() {
        return scanner.look(Map.of());
    }

    private Looked looked() {
        DirectoryEvent event = look().event();
        assertThat(event).isInstanceOf(Looked.class);
        return (Looked) requireEvent(event);
    }

    private static DirectoryEvent requireEvent(@Nullable DirectoryEvent event) {
        return java.util.Objects.requireNonNull(event, "event");
    }

    private static List<String> names(Looked looked) {
        return looked.changed().stream()
                .map(file -> file.key().name() + "=" + new String(file.content(), UTF_8))
                .toList();
    }
}
