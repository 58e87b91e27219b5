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
import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.diagnostics.Place;
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

    Ledger(Work work) {
        this.work = work;
    }

    /// What the ledger asks for. Results come back later, by the catalog's thread.
    interface Work {
        /// Read the file's text; answer with [Ledger#read].
        void read(FileState file, Path directory);

        /// Build and compile the file; answer with [Ledger#compiled].
        ///
        /// @param form the API's form that is live; absent: none
        void compile(FileState file, Path directory, @Nullable ApiForm form);

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
        for (PublishedApi api : stored) {
            ApiForm form = api.form();
            FileKey key = keyOf(form);
            sources.computeIfAbsent(key.source(), id -> new SourceState(id, null));
            files.computeIfAbsent(key, _ -> new FileState(key, form.origin().fileName()))
                    .declared(form.api());
            owners.put(form.api(), key);
            live.put(form.api(), form);
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
                filesOf(source.id()).stream()
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
                file.stage(Stage.READ);
            }
            case ConfigLanguage.Reading.Unreadable unreadable -> {
                file.draft(null);
                if (unreadable.api() != null) {
                    file.declared(unreadable.api());
                }
                file.settle(unreadable.problems());
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
                file.settle(ready.warnings());
                file.forgetText();
                content.putAll(ready.content());
                liveChanged |= !ready.form().equals(live.put(ready.form().api(), ready.form()));
                releaseOthers(file, ready.form().api());
            }
            case CompileJobs.Made.Wrong wrong -> {
                file.settle(wrong.problems());
                file.forgetText();
            }
            case CompileJobs.Made.Unbuilt unbuilt -> {
                file.settle(unbuilt.problems());
                work.retryLater(key, generation, file.buildFailed());
            }
        }
        settleAll();
    }

    /// Tries a build again, if the file is still the same.
    void retry(FileKey key, long generation) {
        FileState file = files.get(key);
        if (file != null && file.generation() == generation && file.draft() != null) {
            file.begin(Stage.READ);
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
        filesOf(id).stream().filter(file -> all || file.isWithheld()).forEach(this::remove);
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
        return sources.values().stream().allMatch(SourceState::isHeard)
                && files.values().stream().allMatch(file -> file.stage() == Stage.AT_REST);
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
        long apis = apisOf(source.id());
        Place place = Place.of(source.name(), 1, 1, "");
        if (!source.unavailable().isEmpty()) {
            return Diagnostic.error(
                    place,
                    DiagnosticCode.SOURCE_ALARM,
                    "this directory cannot be looked at: " + source.unavailable(),
                    apis == 0 ? "" : "its " + apis + " APIs stay live as they are");
        }
        List<FileState> withheld =
                filesOf(source.id()).stream().filter(FileState::isWithheld).toList();
        if (withheld.isEmpty()) {
            return null;
        }
        String what =
                source.directory() == null
                        ? "this source is not configured any more and has brought "
                        : "files were lost all at once that have brought ";
        return Diagnostic.error(
                place,
                DiagnosticCode.SOURCE_ALARM,
                what + apisOf(withheld) + " of the source's " + apis + " APIs",
                "they stay live; bring the files back, or confirm that they shall be removed");
    }

    private void changed(SourceState source, FoundFile found) {
        Path directory = source.directory();
        if (directory == null) {
            return;
        }
        FileState file = fileOf(source, found.key());
        file.found(found);
        work.read(file, directory);
    }

    private void unreadable(SourceState source, UnreadableFile found) {
        FileState file = fileOf(source, found.key());
        file.begin(Stage.AT_REST);
        file.draft(null);
        Place place = Place.of(file.name(), 1, 1, "");
        file.settle(List.of(Diagnostic.error(place, found.code(), found.message(), "")));
    }

    private FileState fileOf(SourceState source, FileKey key) {
        Path directory = source.directory();
        String name = directory == null ? key.name() : directory.resolve(key.name()).toString();
        FileState file = files.get(key);
        if (file == null || !file.name().equals(name)) {
            FileState renamed = new FileState(key, name);
            if (file != null && file.declared() != null) {
                renamed.declared(file.declared());
            }
            files.put(key, renamed);
            return renamed;
        }
        return file;
    }

    /// Settles whatever can be settled now.
    private void settleAll() {
        sources.values().forEach(this::settle);
    }

    private void settle(SourceState source) {
        List<FileState> mine = filesOf(source.id());
        if (mine.stream().anyMatch(file -> file.stage() == Stage.READING)) {
            return;
        }
        mine.stream()
                .filter(file -> file.stage() == Stage.READ)
                .forEach(file -> claim(source, file));
        if (isLossCertain(source)) {
            removeLost(source, mine);
        }
    }

    /// Gives the file the API that it declares, or refuses it.
    private void claim(SourceState source, FileState file) {
        ConfigLanguage.Draft draft = file.draft();
        Path directory = source.directory();
        if (draft == null || directory == null) {
            file.settle(file.problems());
            return;
        }
        String api = draft.api();
        FileKey owner = owners.get(api);
        if (owner != null && !owner.equals(file.key()) && !isLetGo(owner)) {
            file.settle(List.of(duplicate(file, api, owner)));
            file.waitForName();
            return;
        }
        owners.put(api, file.key());
        releaseUnused(file, api);
        file.stage(Stage.COMPILING);
        work.compile(file, directory, live.get(api));
    }

    /// Whether an API's owner is no more, so that another file may take the API over as it is.
    private boolean isLetGo(FileKey owner) {
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

    private Diagnostic duplicate(FileState file, String api, FileKey owner) {
        FileState other = files.get(owner);
        String ownerName = other == null ? owner.name() : other.name();
        return Diagnostic.error(
                Place.of(file.name(), 1, 1, "/api"),
                DiagnosticCode.DUPLICATE,
                "api: " + api + " is already declared by " + ownerName,
                "give one of them another name, or remove one of the files");
    }

    /// Lets go of the APIs that the file has claimed before and that never went live.
    private void releaseUnused(FileState file, String keep) {
        for (String api : apisOwnedBy(file)) {
            if (!api.equals(keep) && !live.containsKey(api)) {
                release(api);
            }
        }
    }

    /// Removes the APIs that the file has brought before under other names.
    private void releaseOthers(FileState file, String keep) {
        for (String api : apisOwnedBy(file)) {
            if (!api.equals(keep)) {
                release(api);
            }
        }
    }

    private void release(String api) {
        owners.remove(api);
        liveChanged |= live.remove(api) != null;
        for (FileState file : files.values()) {
            if (file.isWaitingForName() && api.equals(file.declared())) {
                file.begin(Stage.READ);
            }
        }
    }

    private boolean isLossCertain(SourceState source) {
        if (source.directory() == null) {
            // Another directory of this process may be about to bring what this one has brought.
            return source.id().isDirectory() && isEverySourceComplete() && isEverySourceRead();
        }
        return source.isComplete() && source.unavailable().isEmpty();
    }

    private boolean isEverySourceRead() {
        return files.values().stream()
                .noneMatch(file -> file.stage() == Stage.READING || file.stage() == Stage.READ);
    }

    private void removeLost(SourceState source, List<FileState> mine) {
        List<FileState> lost =
                mine.stream().filter(file -> !source.holds(file.key().name())).toList();
        List<FileState> fresh = lost.stream().filter(file -> !file.isWithheld()).toList();
        if (fresh.isEmpty()) {
            return;
        }
        long lostApis = apisOf(lost);
        if (lostApis >= LOSS_MIN && 2 * lostApis > apisOf(source.id())) {
            fresh.forEach(FileState::withhold);
            return;
        }
        fresh.forEach(this::remove);
        // Files that waited for a name of these go on.
        sources.values().forEach(this::settle);
    }

    private void remove(FileState file) {
        files.remove(file.key());
        apisOwnedBy(file).forEach(this::release);
    }

    private List<String> apisOwnedBy(FileState file) {
        return owners.entrySet().stream()
                .filter(owner -> owner.getValue().equals(file.key()))
                .map(Map.Entry::getKey)
                .toList();
    }

    private List<FileState> filesOf(SourceId source) {
        return files.values().stream().filter(file -> file.key().source().equals(source)).toList();
    }

    private long apisOf(SourceId source) {
        return live.keySet().stream().filter(api -> isOwnedBy(api, source)).count();
    }

    private boolean isOwnedBy(String api, SourceId source) {
        FileKey owner = owners.get(api);
        return owner != null && owner.source().equals(source);
    }

    private long apisOf(List<FileState> brought) {
        return brought.stream()
                .flatMap(file -> apisOwnedBy(file).stream())
                .filter(live::containsKey)
                .count();
    }

    private static FileKey keyOf(ApiForm form) {
        ApiForm.Origin origin = form.origin();
        Path name = Path.of(origin.fileName()).getFileName();
        return new FileKey(origin.owner(), name == null ? origin.fileName() : name.toString());
    }
}
