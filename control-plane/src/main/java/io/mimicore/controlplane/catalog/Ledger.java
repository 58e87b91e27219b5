package io.mimicore.controlplane.catalog;

import io.mimicore.controlplane.catalog.FileState.Stage;
import io.mimicore.controlplane.snapshot.ApiForm;
import io.mimicore.controlplane.snapshot.PublishedApi;
import io.mimicore.controlplane.source.DirectoryEvent;
import io.mimicore.controlplane.source.FileKey;
import io.mimicore.controlplane.source.FoundFile;
import io.mimicore.controlplane.source.ReferencedFile;
import io.mimicore.controlplane.source.SourceId;
import io.mimicore.controlplane.source.UnreadableFile;
import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.ir.Digest;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The catalog's rules: which API belongs to which file, what shall be live, what is wrong.
///
/// - An API belongs to the file that declared it first; another file that declares it is refused
///   until the first one has let go of it, by going or by going live under another name.
/// - What is live changes only when a file has been compiled, or is gone for certain. A wrong file
///   changes its problems and nothing else.
/// - Which API is whose, and what is gone, is settled when every file of a directory that has
///   changed has been read, in the order of names; so a file that was renamed is moved, not removed
///   and added.
/// - When a directory loses more than half of its APIs at once, and at least [#LOSS_MIN], none is
///   removed until that is confirmed.
///
/// Confined to the catalog's thread; never blocks. What takes time is asked of [Work].
final class Ledger {
    /// Fewer APIs than this are removed without a question, however large their share is.
    static final int LOSS_MIN = 5;

    private final Work work;
    private final SortedMap<FileKey, FileState> files = new TreeMap<>();
    private final SortedMap<SourceId, SourceState> sources = new TreeMap<>();
    private final SortedMap<String, FileKey> owners = new TreeMap<>();
    private final NavigableMap<String, ApiForm> live = new TreeMap<>();
    private final Map<Digest, byte[]> content = new HashMap<>();
    private boolean liveChanged = true;
    private int busy;

    Ledger(Work work) {
        this.work = work;
    }

    /// What the ledger asks for. Results come back later, by the catalog's thread.
    interface Work {
        /// Read the file's text; answer with [Ledger#read].
        ///
        /// @param directory where it lies; absent: nowhere, it was applied
        void read(FileState file, @Nullable Path directory);

        /// Build and compile the file; answer with [Ledger#compiled].
        ///
        /// @param directory where it lies; absent: nowhere, it was applied
        /// @param form the API's form that is live; absent: none
        void compile(FileState file, @Nullable Path directory, @Nullable ApiForm form);

        /// Look whether what was applied has to be compiled again; answer with [Ledger#reloaded].
        void reload(FileState file, ApiForm form);

        /// Have the directory tell this file again, although it has not changed.
        void tellAgain(FileKey file);

        /// Tell the config again when one of these files changes.
        void watchAlso(FileKey config, List<ReferencedFile> references);

        /// Call [Ledger#retry] after a while.
        ///
        /// @param failures how many builds have failed, 1..
        void retryLater(FileKey file, long generation, int failures);
    }

    /// Takes over what the store holds, before anything else is told.
    ///
    /// @param directories those that are watched, as given
    void load(Collection<PublishedApi> stored, List<Path> directories) {
        for (Path directory : directories) {
            SourceId id = SourceId.directory(directory);
            sources.put(id, new SourceState(id, directory));
        }
        sources.put(SourceId.ADMIN, new SourceState(SourceId.ADMIN, null));
        for (PublishedApi api : stored) {
            ApiForm form = api.form();
            FileKey key = keyOf(form);
            sources.computeIfAbsent(key.source(), id -> new SourceState(id, null));
            FileState file =
                    files.computeIfAbsent(key, _ -> new FileState(key, form.origin().fileName()));
            file.declared(form.api());
            own(file, form.api());
            live.put(form.api(), form);
        }
    }

    /// Looks whether what was applied before has to be compiled again.
    void reload() {
        for (FileState file : List.copyOf(files.values())) {
            ApiForm form = live.get(file.key().name());
            if (!file.key().source().isDirectory() && form != null) {
                move(file, Stage.READING);
                work.reload(file, form);
            }
        }
    }

    /// Takes what [Work#reload] has found.
    ///
    /// @param found to be compiled again; absent: it stays as it is
    void reloaded(FileKey key, long generation, @Nullable FoundFile found) {
        FileState file = files.get(key);
        if (file == null || file.generation() != generation) {
            return;
        }
        if (found == null) {
            rest(file, List.of());
        } else {
            file.found(found);
            work.read(file, null);
        }
        settleAll();
    }

    /// Makes live what was applied. Whoever has brought the API before has lost it.
    void install(CompileJobs.Made.Ready ready) {
        String api = ready.form().api();
        var key = new FileKey(SourceId.ADMIN, api);
        FileState file = fileNamed(key, ready.form().origin().fileName());
        file.begin();
        file.declared(api);
        FileKey before = owners.get(api);
        FileState loser = before == null || before.equals(key) ? null : files.get(before);
        own(file, api);
        if (loser != null && api.equals(loser.declared())) {
            // Whatever is under way there would bring the API; read again, it is told that it may
            // not.
            loser.begin();
            move(loser, Stage.AT_REST);
            work.tellAgain(loser.key());
        }
        take(file, ready);
        settleAll();
    }

    /// Removes a file with what it has brought.
    void remove(FileKey key) {
        FileState file = files.get(key);
        if (file != null) {
            remove(file);
            settleAll();
        }
    }

    /// Takes what a look at a directory has shown.
    void directory(DirectoryEvent event) {
        SourceState source = sources.get(event.source());
        if (source == null) {
            return;
        }
        switch (event) {
            case DirectoryEvent.Unavailable unavailable -> source.unavailable(unavailable.reason());
            case DirectoryEvent.Looked looked -> {
                source.looked(looked.present(), looked.missing(), looked.complete());
                looked.unreadable().forEach(file -> unreadable(source, file));
                looked.changed().forEach(file -> changed(source, file));
                filesOf(source).stream()
                        .filter(file -> file.isWithheld() && source.holds(file.key().name()))
                        .forEach(FileState::returned);
            }
        }
        settleAll();
    }

    /// Takes a file's text.
    void read(FileKey key, long generation, ConfigLanguage.Reading reading) {
        FileState file = files.get(key);
        if (file == null || file.generation() != generation) {
            return;
        }
        switch (reading) {
            case ConfigLanguage.Reading.Declared declared -> {
                file.draft(declared.draft());
                file.declared(declared.draft().api());
                move(file, Stage.READ);
            }
            case ConfigLanguage.Reading.Unreadable unreadable -> {
                file.forgetText();
                if (unreadable.api() != null) {
                    file.declared(unreadable.api());
                }
                rest(file, unreadable.problems());
            }
        }
        settleAll();
    }

    /// Takes what a file was compiled to.
    void compiled(FileKey key, long generation, CompileJobs.Result result) {
        FileState file = files.get(key);
        if (file == null || file.generation() != generation) {
            return;
        }
        work.watchAlso(key, result.references());
        switch (result.made()) {
            case CompileJobs.Made.Ready ready -> {
                take(file, ready);
            }
            case CompileJobs.Made.Wrong wrong -> {
                rest(file, wrong.problems());
                file.forgetText();
            }
            case CompileJobs.Made.Unbuilt unbuilt -> {
                rest(file, unbuilt.problems());
                work.retryLater(key, generation, file.buildFailed());
            }
        }
        settleAll();
    }

    private void take(FileState file, CompileJobs.Made.Ready ready) {
        rest(file, ready.warnings());
        file.forgetText();
        content.putAll(ready.content());
        liveChanged |= !ready.form().equals(live.put(ready.form().api(), ready.form()));
        releaseAll(file, ready.form().api());
    }

    /// Tries a build again, if the file is still the same.
    void retry(FileKey key, long generation) {
        FileState file = files.get(key);
        if (file != null && file.generation() == generation && file.draft() != null) {
            claimAgain(file);
            settleAll();
        }
    }

    /// Removes what the source has lost and the guard has kept.
    ///
    /// @return how many APIs were removed
    int confirmRemoval(SourceId id) {
        SourceState source = sources.get(id);
        if (source == null) {
            return 0;
        }
        boolean all = !source.unavailable().isEmpty();
        int before = live.size();
        filesOf(source).stream().filter(file -> all || file.isWithheld()).forEach(this::remove);
        settleAll();
        return before - live.size();
    }

    /// Forgets content that the store holds by now.
    ///
    /// @param stored what was published, by name
    void stored(Map<String, ApiForm> stored) {
        Set<Digest> needed = new HashSet<>();
        for (ApiForm form : live.values()) {
            if (!form.equals(stored.get(form.api()))) {
                needed.add(form.entry().ir());
                needed.add(form.origin().source());
            }
        }
        content.keySet().retainAll(needed);
    }

    /// What shall be live, by name.
    SortedMap<String, ApiForm> live() {
        return live;
    }

    /// New content, by digest.
    Map<Digest, byte[]> content() {
        return content;
    }

    /// Whether what shall be live has changed since this was last asked.
    boolean takeLiveChanged() {
        boolean changed = liveChanged;
        liveChanged = false;
        return changed;
    }

    /// Whether every directory is heard of and no work is under way.
    boolean isAtRest() {
        return busy == 0 && isEverySourceHeard();
    }

    /// Whether it is known how it stands with every directory.
    boolean isEverySourceHeard() {
        return sources.values().stream().allMatch(SourceState::isHeard);
    }

    /// Whether every directory could be looked at.
    boolean isEverySourceComplete() {
        return sources.values().stream()
                .allMatch(source -> source.directory() == null || source.isComplete());
    }

    /// Every file.
    Collection<FileState> files() {
        return files.values();
    }

    /// The file of this key; absent: there is none.
    @Nullable FileState file(FileKey key) {
        return files.get(key);
    }

    /// Every source.
    Collection<SourceState> sources() {
        return sources.values();
    }

    /// The file that an API belongs to, by the API's name.
    Map<String, FileKey> owners() {
        return owners;
    }

    /// What is wrong with a source as a whole; absent: nothing.
    @Nullable Diagnostic alarm(SourceState source) {
        List<FileState> mine = filesOf(source);
        List<FileState> withheld = mine.stream().filter(FileState::isWithheld).toList();
        if (!source.unavailable().isEmpty()) {
            return CatalogProblems.unavailable(source, liveApisOf(mine));
        }
        return withheld.isEmpty()
                ? null
                : CatalogProblems.loss(source, liveApisOf(withheld), liveApisOf(mine));
    }

    private void changed(SourceState source, FoundFile found) {
        Path directory = source.directory();
        if (directory == null) {
            return;
        }
        FileState file = fileOf(source, found.key());
        file.begin();
        file.found(found);
        move(file, Stage.READING);
        work.read(file, directory);
    }

    private void unreadable(SourceState source, UnreadableFile found) {
        FileState file = fileOf(source, found.key());
        file.begin();
        file.forgetText();
        rest(file, List.of(CatalogProblems.unreadable(file.name(), found)));
    }

    /// The file of this key, under the name that problems call it by now: the store may hold the
    /// name that it had when the process ran in another directory.
    private FileState fileOf(SourceState source, FileKey key) {
        Path directory = source.directory();
        String name = directory == null ? key.name() : directory.resolve(key.name()).toString();
        return fileNamed(key, name);
    }

    private FileState fileNamed(FileKey key, String name) {
        FileState known = files.get(key);
        if (known != null && known.name().equals(name)) {
            return known;
        }
        if (known != null) {
            move(known, Stage.AT_REST);
        }
        FileState file = known == null ? new FileState(key, name) : known.renamed(name);
        files.put(key, file);
        return file;
    }

    /// Settles whatever can be settled now.
    private void settleAll() {
        boolean again = true;
        while (again) {
            again = false;
            for (SourceState source : sources.values()) {
                again |= settle(source);
            }
        }
    }

    /// @return whether something was settled that may matter to other sources
    private boolean settle(SourceState source) {
        if (source.isReading()) {
            return false;
        }
        List<FileKey> read = List.copyOf(source.read());
        for (FileKey key : read) {
            FileState file = files.get(key);
            if (file != null) {
                claim(source, file);
            }
        }
        boolean lossSettled = source.isLookPending() && isLossCertain(source);
        if (lossSettled) {
            source.lookPending(false);
            removeLost(source);
        }
        return lossSettled || !read.isEmpty();
    }

    /// Gives the file the API that it declares, or refuses it.
    private void claim(SourceState source, FileState file) {
        ConfigLanguage.Draft draft = file.draft();
        Path directory = source.directory();
        if (draft == null || (directory == null && source.id().isDirectory())) {
            rest(file, file.problems());
            return;
        }
        String api = draft.api();
        FileKey owner = owners.get(api);
        if (owner != null && !owner.equals(file.key()) && !isLetGo(owner)) {
            rest(file, List.of(duplicate(draft, owner)));
            file.waitForName();
            return;
        }
        own(file, api);
        // What it has claimed before and never brought is free again.
        file.owned().stream()
                .filter(other -> !other.equals(api) && !live.containsKey(other))
                .toList()
                .forEach(this::release);
        move(file, Stage.COMPILING);
        work.compile(file, directory, live.get(api));
    }

    private Diagnostic duplicate(ConfigLanguage.Draft draft, FileKey owner) {
        if (!owner.source().isDirectory()) {
            return CatalogProblems.ownedByAdmin(draft.apiPlace(), draft.api());
        }
        FileState other = files.get(owner);
        String name = other == null ? owner.name() : other.name();
        return CatalogProblems.duplicate(draft.apiPlace(), draft.api(), name);
    }

    /// Whether an API's owner is no more, so that another file may take the API over as it is.
    boolean isLetGo(FileKey owner) {
        SourceState source = sources.get(owner.source());
        if (source == null || !files.containsKey(owner)) {
            return true;
        }
        if (source.directory() == null) {
            return owner.source().isDirectory();
        }
        boolean known = source.isComplete() && source.unavailable().isEmpty();
        return known && (!source.holds(owner.name()) || source.misses(owner.name()));
    }

    private void own(FileState file, String api) {
        FileKey before = owners.put(api, file.key());
        FileState loser = before == null ? null : files.get(before);
        if (loser != null) {
            loser.owned().remove(api);
        }
        file.owned().add(api);
    }

    /// Takes all APIs from the file but `keep`.
    private void releaseAll(FileState file, String keep) {
        file.owned().stream().filter(api -> !api.equals(keep)).toList().forEach(this::release);
    }

    /// Takes the API from its file. It stays live if another file waits for it, until that one is
    /// compiled: an API that changes hands is never gone in between.
    private void release(String api) {
        FileKey owner = owners.remove(api);
        FileState file = owner == null ? null : files.get(owner);
        if (file != null) {
            file.owned().remove(api);
        }
        List<FileState> waiting =
                files.values().stream()
                        .filter(other -> other.isWaitingForName() && api.equals(other.declared()))
                        .toList();
        if (waiting.isEmpty()) {
            liveChanged |= live.remove(api) != null;
        }
        waiting.forEach(this::claimAgain);
    }

    private void claimAgain(FileState file) {
        file.begin();
        move(file, Stage.READ);
    }

    /// Whether what is not there is gone for certain.
    private boolean isLossCertain(SourceState source) {
        if (source.directory() == null) {
            // Another directory of this process may be about to bring what this one has brought.
            return source.id().isDirectory() && isEverySourceComplete() && !isAnythingToClaim();
        }
        return source.isComplete() && source.unavailable().isEmpty();
    }

    private boolean isAnythingToClaim() {
        return sources.values().stream()
                .anyMatch(source -> source.isReading() || !source.read().isEmpty());
    }

    private void removeLost(SourceState source) {
        List<FileState> mine = filesOf(source);
        List<FileState> lost =
                mine.stream().filter(file -> !source.holds(file.key().name())).toList();
        List<FileState> fresh = lost.stream().filter(file -> !file.isWithheld()).toList();
        long lostApis = liveApisOf(lost);
        boolean alarming = lostApis >= LOSS_MIN && 2 * lostApis > liveApisOf(mine);
        fresh.forEach(alarming ? FileState::withhold : this::remove);
    }

    private void remove(FileState file) {
        file.begin();
        move(file, Stage.AT_REST);
        files.remove(file.key());
        file.owned().forEach(this::release);
    }

    /// Ends the work on a file with these problems.
    private void rest(FileState file, List<Diagnostic> problems) {
        move(file, Stage.AT_REST);
        file.problems(problems);
    }

    private void move(FileState file, Stage to) {
        Stage from = file.stage();
        file.stage(to);
        busy += (to == Stage.AT_REST ? 0 : 1) - (from == Stage.AT_REST ? 0 : 1);
        SourceState source = sources.get(file.key().source());
        if (source == null) {
            return;
        }
        source.reading((to == Stage.READING ? 1 : 0) - (from == Stage.READING ? 1 : 0));
        if (to == Stage.READ) {
            source.read().add(file.key());
        } else {
            source.read().remove(file.key());
        }
    }

    private List<FileState> filesOf(SourceState source) {
        return files.values().stream()
                .filter(file -> file.key().source().equals(source.id()))
                .toList();
    }

    private long liveApisOf(List<FileState> brought) {
        return brought.stream()
                .flatMap(file -> file.owned().stream())
                .filter(live::containsKey)
                .count();
    }

    private static FileKey keyOf(ApiForm form) {
        ApiForm.Origin origin = form.origin();
        if (!origin.owner().isDirectory()) {
            return new FileKey(origin.owner(), form.api());
        }
        Path name = Path.of(origin.fileName()).getFileName();
        return new FileKey(origin.owner(), name == null ? origin.fileName() : name.toString());
    }
}
