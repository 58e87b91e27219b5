package io.mimicore.controlplane.catalog;

import io.mimicore.controlplane.source.FileKey;
import io.mimicore.controlplane.source.FoundFile;
import io.mimicore.diagnostics.Diagnostic;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What the ledger knows about one file. Confined to the catalog's thread.
final class FileState {
    private final FileKey key;
    private final String name;

    /// Absent: not seen yet, or not needed any more.
    private @Nullable FoundFile found;

    /// Counts what was found and tried; a job's result for an older number is dropped.
    private long generation;

    private Stage stage = Stage.AT_REST;
    private ConfigLanguage.@Nullable Draft draft;

    /// The API it declares, as far as it is known.
    private @Nullable String declared;

    private final SortedSet<String> owned = new TreeSet<>();
    private List<Diagnostic> problems = List.of();
    private boolean waitingForName;
    private boolean withheld;
    private int failedBuilds;

    FileState(FileKey key, String name) {
        this.key = key;
        this.name = name;
    }

    /// The same file under another name, without what was under way.
    FileState renamed(String to) {
        var renamed = new FileState(key, to);
        renamed.generation = generation + 1;
        renamed.owned.addAll(owned);
        renamed.declared = declared;
        return renamed;
    }

    /// How far the work on a file is.
    enum Stage {
        /// Its text is being read.
        READING,
        /// It was read; which API is whose is settled once all files of its directory are read.
        READ,
        /// It is being built and compiled.
        COMPILING,
        /// Nothing is under way.
        AT_REST
    }

    FileKey key() {
        return key;
    }

    /// As diagnostics print it.
    String name() {
        return name;
    }

    @Nullable FoundFile found() {
        return found;
    }

    /// Takes new content.
    void found(FoundFile content) {
        found = content;
        failedBuilds = 0;
        withheld = false;
    }

    /// Starts the work anew; whatever was under way is of no interest any more.
    void begin() {
        generation++;
        waitingForName = false;
    }

    long generation() {
        return generation;
    }

    Stage stage() {
        return stage;
    }

    /// Only the ledger moves files, because it counts them by stage.
    void stage(Stage reached) {
        stage = reached;
    }

    /// The APIs that belong to this file: the one it declares, and the one it has brought before
    /// until the new one is live.
    SortedSet<String> owned() {
        return owned;
    }

    ConfigLanguage.@Nullable Draft draft() {
        return draft;
    }

    void draft(ConfigLanguage.@Nullable Draft read) {
        draft = read;
    }

    @Nullable String declared() {
        return declared;
    }

    void declared(String api) {
        declared = api;
    }

    List<Diagnostic> problems() {
        return problems;
    }

    /// Takes what is wrong with it now.
    void problems(List<Diagnostic> found) {
        problems = found.stream().sorted(Diagnostic.BY_PLACE).toList();
    }

    /// Forgets what only more work on the same text would need.
    void forgetText() {
        found = null;
        draft = null;
    }

    /// Whether another file holds the API that this one declares.
    boolean isWaitingForName() {
        return waitingForName;
    }

    void waitForName() {
        waitingForName = true;
    }

    /// Whether it is gone, but its removal takes a confirmation.
    boolean isWithheld() {
        return withheld;
    }

    void withhold() {
        withheld = true;
    }

    void returned() {
        withheld = false;
    }

    /// Notes a build that could not be done.
    ///
    /// @return how many there have been since the file changed
    int buildFailed() {
        return ++failedBuilds;
    }
}
