package io.mimicore.controlplane.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.controlplane.snapshot.ApiForm;
import io.mimicore.controlplane.snapshot.PublishedApi;
import io.mimicore.controlplane.source.DirectoryEvent;
import io.mimicore.controlplane.source.FileKey;
import io.mimicore.controlplane.source.FoundFile;
import io.mimicore.controlplane.source.SourceId;
import io.mimicore.controlplane.source.UnreadableFile;
import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.Digest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LedgerTest {
    private static final Path DIRECTORY = Path.of("/configs");
    private static final SourceId SOURCE = SourceId.directory(DIRECTORY);

    private final FakeWork work = new FakeWork();
    private final Map<String, String> files = new TreeMap<>();
    private Ledger ledger = restarted(List.of());

    @Test
    void file_thatIsRight_isLive() {
        save("f.json", "x 1");

        assertThat(live()).isEqualTo(Map.of("x", "x 1"));
        assertThat(ledger.isAtRest()).isTrue();
        assertThat(problems("f.json")).isEmpty();
    }

    @Test
    void file_thatIsWrong_keepsWhatIsLiveUntilMended() {
        save("f.json", "x 1");
        save("f.json", "x! 2");

        assertThat(live()).isEqualTo(Map.of("x", "x 1"));
        assertThat(problems("f.json")).containsExactly(DiagnosticCode.FIELD_UNKNOWN);

        save("f.json", "?");
        assertThat(live()).isEqualTo(Map.of("x", "x 1"));
        assertThat(problems("f.json")).containsExactly(DiagnosticCode.JSON_SYNTAX);

        save("f.json", "x 3");
        assertThat(live()).isEqualTo(Map.of("x", "x 3"));
        assertThat(problems("f.json")).isEmpty();
    }

    @Test
    void file_thatCannotBeRead_keepsWhatIsLive() {
        save("f.json", "x 1");
        var file =
                new UnreadableFile(
                        new FileKey(SOURCE, "f.json"), DiagnosticCode.FILE_UNREADABLE, "denied");
        ledger.directory(
                new DirectoryEvent.Looked(
                        SOURCE, Set.of("f.json"), Set.of(), List.of(), List.of(file), true));

        assertThat(live()).isEqualTo(Map.of("x", "x 1"));
        assertThat(problems("f.json")).containsExactly(DiagnosticCode.FILE_UNREADABLE);
    }

    @Test
    void edit_duringACompilation_supersedesIt() {
        put("f.json", "x 1");
        look("f.json");
        work.runOne();
        put("f.json", "x 2");
        look("f.json");
        work.runAll();

        assertThat(live()).isEqualTo(Map.of("x", "x 2"));
        assertThat(ledger.isAtRest()).isTrue();
    }

    @Test
    void api_declaredByTwoFiles_belongsToTheFirstByName() {
        put("b.json", "x b");
        put("a.json", "x a");
        look("b.json", "a.json");
        work.runAll();

        assertThat(live()).isEqualTo(Map.of("x", "x a"));
        assertThat(problems("a.json")).isEmpty();
        assertThat(file("b.json").problems())
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.code()).isEqualTo(DiagnosticCode.DUPLICATE);
                    assertThat(problem.message()).contains("/configs/a.json");
                    assertThat(problem.place()).isEqualTo(FakeWork.apiPlace("/configs/b.json"));
                });
    }

    @Test
    void api_declaredByALaterFile_staysWithItsFileWhateverTheNames() {
        save("b.json", "x b");
        save("a.json", "x a");

        assertThat(live()).isEqualTo(Map.of("x", "x b"));
        assertThat(problems("a.json")).containsExactly(DiagnosticCode.DUPLICATE);
    }

    @Test
    void file_thatWaitsForAName_getsItWithoutAGapWhenTheOtherGoes() {
        save("a.json", "x a");
        save("b.json", "x b");

        files.remove("a.json");
        look();
        assertThat(live()).isEqualTo(Map.of("x", "x a"));
        work.runAll();

        assertThat(live()).isEqualTo(Map.of("x", "x b"));
        assertThat(problems("b.json")).isEmpty();
    }

    @Test
    void file_thatWaitsForAName_getsItWhenTheOtherTakesAnotherName() {
        save("a.json", "x a");
        save("b.json", "x b");
        save("a.json", "y a");

        assertThat(live()).isEqualTo(Map.of("x", "x b", "y", "y a"));
        assertThat(problems("b.json")).isEmpty();
    }

    @Test
    void file_thatTakesAnotherName_replacesItsApiOnlyOnceItIsRight() {
        save("f.json", "x 1");
        save("f.json", "y! 2");
        assertThat(live()).isEqualTo(Map.of("x", "x 1"));

        save("f.json", "y 3");
        assertThat(live()).isEqualTo(Map.of("y", "y 3"));
        assertThat(ledger.owners().keySet()).containsExactly("y");
    }

    @Test
    void name_thatWasClaimedInVain_isFreeAgain() {
        save("a.json", "x! 1");
        save("b.json", "x 2");
        assertThat(problems("b.json")).containsExactly(DiagnosticCode.DUPLICATE);

        save("a.json", "y 3");

        assertThat(live()).isEqualTo(Map.of("x", "x 2", "y", "y 3"));
    }

    @Test
    void file_thatWasRenamed_isMovedWhileTheOldNameIsMissing() {
        save("a.json", "x 1");
        put("b.json", "x 1");
        files.remove("a.json");

        ledger.directory(event(List.of("b.json"), Set.of("a.json")));
        work.runAll();
        assertThat(problems("b.json")).isEmpty();
        look();
        work.runAll();

        assertThat(live()).isEqualTo(Map.of("x", "x 1"));
        assertThat(ledger.owners()).containsEntry("x", new FileKey(SOURCE, "b.json"));
        assertThat(ledger.files()).hasSize(1);
    }

    @Test
    void file_thatIsGone_takesItsApiAlong() {
        save("a.json", "x 1");
        save("b.json", "y 1");
        files.remove("a.json");
        look();

        assertThat(live()).isEqualTo(Map.of("y", "y 1"));
    }

    @Test
    void files_lostFiveAndMoreThanHalf_areKeptUntilConfirmed() {
        saveMany(9);
        for (int i = 0; i < 5; i++) {
            files.remove("f" + i + ".json");
        }
        look();

        assertThat(live()).hasSize(9);
        assertThat(alarm()).contains("5 of the source's 9 APIs");

        assertThat(ledger.confirmRemoval(SOURCE)).isEqualTo(5);
        assertThat(live()).hasSize(4);
        assertThat(alarm()).isEmpty();
    }

    @Test
    void files_lostFiveOfTen_areRemoved() {
        saveMany(10);
        for (int i = 0; i < 5; i++) {
            files.remove("f" + i + ".json");
        }
        look();

        assertThat(live()).hasSize(5);
        assertThat(alarm()).isEmpty();
    }

    @Test
    void files_lostAllFour_areRemoved() {
        saveMany(4);
        files.clear();
        look();

        assertThat(live()).isEmpty();
        assertThat(alarm()).isEmpty();
    }

    @Test
    void files_thatComeBack_endTheAlarm() {
        saveMany(6);
        Map<String, String> before = new TreeMap<>(files);
        files.clear();
        look();
        assertThat(alarm()).isNotEmpty();

        files.putAll(before);
        look(files.keySet().toArray(String[]::new));
        work.runAll();

        assertThat(alarm()).isEmpty();
        assertThat(live()).hasSize(6);
    }

    @Test
    void files_lostAfterAnAlarm_areKeptToo() {
        saveMany(8);
        for (int i = 0; i < 6; i++) {
            files.remove("f" + i + ".json");
        }
        look();
        files.remove("f6.json");
        look();

        assertThat(live()).hasSize(8);
        assertThat(alarm()).contains("7 of the source's 8 APIs");
    }

    @Test
    void directory_thatIsUnavailable_keepsEverythingAndAlarms() {
        saveMany(2);
        ledger.directory(new DirectoryEvent.Unavailable(SOURCE, "there is no such directory"));

        assertThat(live()).hasSize(2);
        assertThat(alarm()).contains("no such directory");

        assertThat(ledger.confirmRemoval(SOURCE)).isEqualTo(2);
        assertThat(live()).isEmpty();
    }

    @Test
    void build_thatIsUnavailable_isTriedAgain() {
        save("f.json", "x~ 1");
        assertThat(problems("f.json")).containsExactly(DiagnosticCode.BUILD_UNAVAILABLE);
        work.retry();
        work.runAll();
        assertThat(work.compiled()).containsExactly("x~ 1", "x~ 1");

        save("f.json", "x 2");
        work.retry();
        work.runAll();

        assertThat(live()).isEqualTo(Map.of("x", "x 2"));
        assertThat(work.compiled()).hasSize(3);
    }

    @Test
    void stored_afterARestart_isLiveBeforeAnyLook() {
        saveMany(3);
        ledger = restarted(published());

        assertThat(live()).hasSize(3);
        assertThat(ledger.isAtRest()).isFalse();
    }

    @Test
    void file_goneWhileTheProcessWasDown_isRemovedAtTheFirstCompleteLook() {
        saveMany(3);
        ledger = restarted(published());
        files.remove("f0.json");

        ledger.directory(
                new DirectoryEvent.Looked(
                        SOURCE, files.keySet(), Set.of(), List.of(), List.of(), false));
        assertThat(live()).hasSize(3);
        look(files.keySet().toArray(String[]::new));
        work.runAll();

        assertThat(live()).hasSize(2);
    }

    @Test
    void file_renamedWhileTheProcessWasDown_isMoved() {
        save("a.json", "x 1");
        ledger = restarted(published());
        files.remove("a.json");
        put("b.json", "x 1");
        look("b.json");

        assertThat(live()).isEqualTo(Map.of("x", "x 1"));
        work.runAll();
        assertThat(live()).isEqualTo(Map.of("x", "x 1"));
        assertThat(problems("b.json")).isEmpty();
    }

    @Test
    void source_notConfiguredAnyMore_losesItsApisWhenTheOthersAreKnown() {
        saveMany(3);
        List<PublishedApi> stored = published();
        Path other = Path.of("/other");
        ledger = new Ledger(work);
        work.attach(ledger);
        ledger.load(stored, List.of(other));
        assertThat(live()).hasSize(3);

        SourceId otherId = SourceId.directory(other);
        FoundFile moved =
                new FoundFile(
                        new FileKey(otherId, "f1.json"),
                        bytes("api1 1"),
                        Digest.of(bytes("api1 1")));
        ledger.directory(
                new DirectoryEvent.Looked(
                        otherId, Set.of("f1.json"), Set.of(), List.of(moved), List.of(), true));
        assertThat(live()).hasSize(3);
        work.runAll();

        assertThat(live()).isEqualTo(Map.of("api1", "api1 1"));
        assertThat(ledger.owners()).containsEntry("api1", new FileKey(otherId, "f1.json"));
    }

    @Test
    void content_thatIsStored_isForgotten() {
        save("f.json", "x 1");
        assertThat(ledger.content()).hasSize(1);

        ledger.stored(new TreeMap<>(ledger.live()));
        assertThat(ledger.content()).isEmpty();

        Map<String, ApiForm> before = new TreeMap<>(ledger.live());
        save("f.json", "x 2");
        ledger.stored(before);
        assertThat(ledger.content()).hasSize(1);
    }

    private Ledger restarted(List<PublishedApi> stored) {
        Ledger fresh = new Ledger(work);
        work.attach(fresh);
        fresh.load(stored, List.of(DIRECTORY));
        return fresh;
    }

    private List<PublishedApi> published() {
        return ledger.live().values().stream().map(form -> new PublishedApi(form, 1)).toList();
    }

    private void saveMany(int count) {
        IntStream.range(0, count).forEach(i -> put("f" + i + ".json", "api" + i + " 1"));
        look(files.keySet().toArray(String[]::new));
        work.runAll();
    }

    private void save(String name, String text) {
        put(name, text);
        look(name);
        work.runAll();
    }

    private void put(String name, String text) {
        files.put(name, text);
    }

    /// A complete look that tells these files.
    private void look(String... changed) {
        ledger.directory(event(List.of(changed), Set.of()));
    }

    private DirectoryEvent event(List<String> changed, Set<String> missing) {
        Set<String> present = new java.util.HashSet<>(files.keySet());
        present.addAll(missing);
        List<FoundFile> found = new ArrayList<>();
        for (String name : changed) {
            byte[] content = bytes(files.getOrDefault(name, ""));
            found.add(new FoundFile(new FileKey(SOURCE, name), content, Digest.of(content)));
        }
        return new DirectoryEvent.Looked(SOURCE, present, missing, found, List.of(), true);
    }

    /// The texts that are live, by API.
    private Map<String, String> live() {
        Map<String, String> texts = new TreeMap<>();
        ledger.live().forEach((api, form) -> texts.put(api, textOf(form)));
        return texts;
    }

    private String textOf(ApiForm form) {
        return TEXTS.stream()
                .filter(text -> Digest.of(bytes(text)).equals(form.entry().ir()))
                .findFirst()
                .orElse("?");
    }

    private static final List<String> TEXTS = texts();

    private static List<String> texts() {
        List<String> texts = new ArrayList<>();
        for (String name : List.of("x", "y")) {
            for (String version : List.of("1", "2", "3", "a", "b")) {
                texts.add(name + " " + version);
            }
        }
        IntStream.range(0, 20).forEach(i -> texts.add("api" + i + " 1"));
        return texts;
    }

    private FileState file(String name) {
        FileState file = ledger.file(new FileKey(SOURCE, name));
        assertThat(file).as(name).isNotNull();
        return java.util.Objects.requireNonNull(file, name);
    }

    private List<DiagnosticCode> problems(String name) {
        return file(name).problems().stream().map(Diagnostic::code).toList();
    }

    private String alarm() {
        return ledger.sources().stream()
                .map(ledger::alarm)
                .filter(java.util.Objects::nonNull)
                .map(Diagnostic::message)
                .findFirst()
                .orElse("");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
