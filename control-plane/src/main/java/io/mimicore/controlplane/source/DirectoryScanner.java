package io.mimicore.controlplane.source;

import io.mimicore.config.ConfigFile;
import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.Digest;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Looks at a directory and tells what has changed since the last look.
///
/// Three things must not be taken for what they seem:
/// - *half a file*: a file is taken only if its stamp is the same before and after reading and is
///   old enough that another write would have changed it ([FileStamp#isFresh]);
/// - *an empty or cut file* of an editor that truncates and then writes: content that is not well
///   formed is told only after it has stayed the same for [#DOUBT];
/// - *a file that is gone for a moment*, of an editor that deletes and then writes, and the first
///   files of a whole directory that is being deleted: files that are gone count as `missing` until
///   none has gone for [#SETTLE], and go together then.
///
/// Confined to the thread of its [DirectorySource]; reads block.
final class DirectoryScanner {
    /// How long content that is not well formed must stay the same before it is told.
    static final Duration DOUBT = Duration.ofMillis(100);

    /// How long content may keep changing without ever being well formed before it is told anyway.
    static final Duration DOUBT_MAX = Duration.ofSeconds(2);

    /// How long no file may have gone before those that are gone are told to be.
    static final Duration SETTLE = Duration.ofMillis(250);

    private final SourceId source;
    private final DirectoryFiles files;
    private final Predicate<byte[]> wellFormed;
    private final InstantSource clock;
    private final LongSupplier ticker;

    private final Map<String, Tracked> tracked = new HashMap<>();
    private @Nullable DirectoryEvent last;
    private long nowNanos;
    private long againNanos;

    /// @param wellFormed whether content is complete enough to be told at once
    /// @param clock compared with modification times
    /// @param ticker nanoseconds that never go back
    DirectoryScanner(
            SourceId source,
            DirectoryFiles files,
            Predicate<byte[]> wellFormed,
            InstantSource clock,
            LongSupplier ticker) {
        this.source = source;
        this.files = files;
        this.wellFormed = wellFormed;
        this.clock = clock;
        this.ticker = ticker;
    }

    /// What one look has shown.
    ///
    /// @param event absent: nothing new
    /// @param again when to look again even if nothing seems to happen; absent: no need
    record Look(@Nullable DirectoryEvent event, @Nullable Duration again) {}

    /// Looks once.
    ///
    /// @param referenced the files that configs name, by the config's name
    Look look(Map<String, List<ReferencedFile>> referenced) {
        nowNanos = ticker.getAsLong();
        againNanos = Long.MAX_VALUE;
        DirectoryEvent event;
        try {
            event = scan(referenced);
        } catch (IOException e) {
            event = new DirectoryEvent.Unavailable(source, reason(e));
        }
        boolean news = isNews(event);
        last = event;
        return new Look(
                news ? event : null,
                againNanos == Long.MAX_VALUE ? null : Duration.ofNanos(againNanos));
    }

    /// Tells the file again at the next look, if it is there.
    void forget(String name) {
        Tracked file = tracked.get(name);
        if (file != null) {
            file.stamp = null;
            file.digest = null;
        }
    }

    private DirectoryEvent scan(Map<String, List<ReferencedFile>> referenced) throws IOException {
        Set<String> seen =
                files.names().stream()
                        .filter(ConfigNames::isConfig)
                        .collect(Collectors.toCollection(HashSet::new));
        List<FoundFile> changed = new ArrayList<>();
        List<UnreadableFile> unreadable = new ArrayList<>();
        for (String name : List.copyOf(seen)) {
            Tracked file = tracked.getOrDefault(name, new Tracked());
            try {
                FileStamp stamp = files.stamp(name);
                if (stamp == null) {
                    seen.remove(name);
                    continue;
                }
                tracked.put(name, file);
                boolean touched = isTouched(file, referenced.getOrDefault(name, List.of()));
                FoundFile found = take(name, file, stamp, touched);
                if (found != null) {
                    changed.add(found);
                }
            } catch (IOException | TooLargeException e) {
                tracked.put(name, file);
                UnreadableFile problem = problem(name, e);
                if (!problem.message().equals(file.failure)) {
                    file.failure = problem.message();
                    file.told = true;
                    unreadable.add(problem);
                }
            }
        }
        Set<String> missing = settle(seen);
        Set<String> present = Set.copyOf(tracked.keySet());
        boolean complete = tracked.values().stream().allMatch(file -> file.told);
        return new DirectoryEvent.Looked(source, present, missing, changed, unreadable, complete);
    }

    /// The file's content, if it is to be told now.
    private @Nullable FoundFile take(String name, Tracked file, FileStamp stamp, boolean touched)
            throws IOException, TooLargeException {
        file.missingSince = null;
        boolean doubted = file.doubt != null;
        if (stamp.equals(file.stamp) && file.failure == null && !touched && !doubted) {
            return null;
        }
        if (stamp.isFresh(clock.instant())) {
            lookAgainIn(FileStamp.FRESH);
            return null;
        }
        if (stamp.bytes() > ConfigFile.BYTES_MAX) {
            throw new TooLargeException(stamp.bytes());
        }
        byte[] content = files.read(name, ConfigFile.BYTES_MAX + 1);
        if (content.length != stamp.bytes() || !stamp.equals(files.stamp(name))) {
            lookAgainIn(FileStamp.FRESH);
            return null;
        }
        FoundFile found = FoundFile.of(new FileKey(source, name), content);
        boolean mended = file.failure != null;
        file.failure = null;
        if (found.digest().equals(file.digest) && !touched && !mended) {
            file.stamp = stamp;
            file.doubt = null;
            return null;
        }
        if (!wellFormed.test(content) && !isBeyondDoubt(file, found.digest())) {
            return null;
        }
        file.stamp = stamp;
        file.digest = found.digest();
        file.doubt = null;
        file.told = true;
        return found;
    }

    private boolean isBeyondDoubt(Tracked file, Digest digest) {
        Doubt doubt = file.doubt;
        if (doubt == null || !doubt.digest.equals(digest)) {
            long first = doubt == null ? nowNanos : doubt.firstNanos;
            doubt = new Doubt(digest, first, nowNanos);
            file.doubt = doubt;
        }
        boolean same = nowNanos - doubt.sinceNanos >= DOUBT.toNanos();
        boolean tooLong = nowNanos - doubt.firstNanos >= DOUBT_MAX.toNanos();
        if (same || tooLong) {
            return true;
        }
        lookAgainIn(DOUBT.minusNanos(nowNanos - doubt.sinceNanos));
        return false;
    }

    /// Whether a file that the config names has changed since the config was built.
    private boolean isTouched(Tracked file, List<ReferencedFile> referenced) throws IOException {
        boolean touched = false;
        for (ReferencedFile reference : referenced) {
            FileStamp now = stampOrNull(reference.path());
            if (now != null && now.isFresh(clock.instant())) {
                lookAgainIn(FileStamp.FRESH);
                continue;
            }
            // The config names the same stamp until its next build has ended: tell it once.
            var seen = new ReferencedFile(reference.path(), now);
            if (!reference.equals(seen) && !seen.equals(file.references.get(reference.path()))) {
                touched = true;
            }
            file.references.put(reference.path(), seen);
        }
        return touched;
    }

    private @Nullable FileStamp stampOrNull(String path) {
        try {
            return files.stamp(path);
        } catch (IOException | java.nio.file.InvalidPathException e) {
            // Whoever reads the file for the build says why it cannot be read.
            return null;
        }
    }

    /// Notes which files are not seen, and forgets them together once no more of them go.
    private Set<String> settle(Set<String> seen) {
        Set<String> missing = new HashSet<>(tracked.keySet());
        missing.removeAll(seen);
        if (missing.isEmpty()) {
            return missing;
        }
        long latest = Long.MIN_VALUE;
        for (String name : missing) {
            Tracked file = tracked.getOrDefault(name, new Tracked());
            if (file.missingSince == null) {
                file.missingSince = nowNanos;
            }
            latest = Math.max(latest, file.missingSince);
        }
        long waited = nowNanos - latest;
        if (waited < SETTLE.toNanos()) {
            lookAgainIn(SETTLE.minusNanos(waited));
            return missing;
        }
        tracked.keySet().removeAll(missing);
        return Set.of();
    }

    private boolean isNews(DirectoryEvent event) {
        return switch (event) {
            case DirectoryEvent.Unavailable unavailable -> !unavailable.equals(last);
            case DirectoryEvent.Looked looked ->
                    !(last instanceof DirectoryEvent.Looked before)
                            || !looked.changed().isEmpty()
                            || !looked.unreadable().isEmpty()
                            || !looked.present().equals(before.present())
                            || !looked.missing().equals(before.missing())
                            || looked.complete() != before.complete();
        };
    }

    private UnreadableFile problem(String name, Exception cause) {
        var key = new FileKey(source, name);
        return cause instanceof TooLargeException large
                ? new UnreadableFile(key, DiagnosticCode.FILE_TOO_LARGE, large.expectation())
                : new UnreadableFile(
                        key,
                        DiagnosticCode.FILE_UNREADABLE,
                        "the file cannot be read: " + reason(cause));
    }

    private static String reason(Exception cause) {
        return switch (cause) {
            case java.nio.file.NoSuchFileException _ -> "there is no such directory";
            case java.nio.file.NotDirectoryException _ -> "it is not a directory";
            case java.nio.file.AccessDeniedException _ -> "access denied";
            case DirectoryFiles.NotAFileException _ -> String.valueOf(cause.getMessage());
            default -> cause.getClass().getSimpleName() + ": " + cause.getMessage();
        };
    }

    private void lookAgainIn(Duration delay) {
        againNanos = Math.min(againNanos, Math.max(0, delay.toNanos()));
    }

    /// A file that has been seen.
    private static final class Tracked {
        private @Nullable FileStamp stamp;
        private @Nullable Digest digest;
        private @Nullable String failure;
        private @Nullable Doubt doubt;
        private @Nullable Long missingSince;
        private boolean told;
        private final Map<String, ReferencedFile> references = new HashMap<>();
    }

    /// Content that is not well formed.
    private record Doubt(Digest digest, long firstNanos, long sinceNanos) {}

    private static final class TooLargeException extends Exception {
        private final long bytes;

        TooLargeException(long bytes) {
            super("too large");
            this.bytes = bytes;
        }

        String expectation() {
            return "size: " + bytes + " bytes (expected: at most " + ConfigFile.BYTES_MAX + ")";
        }
    }
}
