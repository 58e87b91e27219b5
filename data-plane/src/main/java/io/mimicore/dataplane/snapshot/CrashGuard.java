package io.mimicore.dataplane.snapshot;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.mimicore.dataplane.limit.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds the version that crashes the node, so that it is not used a third time.
///
/// A small file names the suspects: the version that is being prepared, and the one that serves as
/// long as it is young. A suspect is struck off when its preparation has ended, when it has served
/// for a minute, and when the node stops in good order; so one that the file names at start-up was
/// there when the process died. Two such crashes make a version poison.
///
/// The file is not forced to the disk: it has to outlive the process, not the machine. Confined to
/// one thread at a time.
final class CrashGuard {
    /// How long a version that serves is young.
    static final Duration YOUNG = Duration.ofSeconds(60);

    private static final Logger log = LoggerFactory.getLogger(CrashGuard.class);
    private static final int CRASHES_MAX = 2;

    private final Path suspectsFile;
    private final Path poisonFile;
    private final Ticker ticker;
    private final DiskTrouble trouble =
            new DiskTrouble("a version that crashes this node over and over would not be noticed");
    private final Map<Long, Integer> crashes = new HashMap<>();
    private long preparing;
    private long young;
    private long youngUntilNanos;
    private long poison;

    /// @param ticker the clock of being young
    CrashGuard(Path directory, Ticker ticker) {
        this.suspectsFile = directory.resolve("young.version");
        this.poisonFile = directory.resolve("poison.version");
        this.ticker = ticker;
    }

    /// Reads what the last run left, and counts a crash against each suspect.
    void start() {
        List<long[]> known = read(poisonFile, 1);
        poison = known.isEmpty() ? 0 : known.getLast()[0];
        for (long[] suspect : read(suspectsFile, 2)) {
            int count = (int) Math.min(suspect[1] + 1, CRASHES_MAX);
            crashes.put(suspect[0], count);
            if (count >= CRASHES_MAX) {
                poison = suspect[0];
                write(poisonFile, Long.toString(poison));
                log.error(
                        "version {} has crashed this node {} times, while it was prepared or within"
                                + " {} s of its activation: it is not used again",
                        poison,
                        CRASHES_MAX,
                        YOUNG.toSeconds());
            }
        }
    }

    /// The version that is not to be used again; 0: none.
    long poison() {
        return poison;
    }

    /// Notes that `version` is about to be prepared.
    void preparing(long version) {
        preparing = version;
        writeSuspects();
    }

    /// Notes that the preparation has ended, well or not.
    void prepared() {
        preparing = 0;
        writeSuspects();
    }

    /// Notes that `version` goes live now.
    void activating(long version) {
        preparing = 0;
        young = version;
        youngUntilNanos = ticker.nanos() + YOUNG.toNanos();
        writeSuspects();
    }

    /// How long the version that serves stays young, in nanoseconds; `Long.MAX_VALUE`: it is not.
    long youngNanos() {
        return young == 0 ? Long.MAX_VALUE : Math.max(0, youngUntilNanos - ticker.nanos());
    }

    /// Strikes the version that serves off once it has been young long enough.
    void checkAge() {
        if (youngNanos() > 0) {
            return;
        }
        crashes.remove(young);
        if (poison != 0 && young > poison) {
            // The node is past it, and never goes back.
            poison = 0;
            delete(poisonFile);
        }
        young = 0;
        writeSuspects();
    }

    /// Notes that the node stops in good order.
    void stopped() {
        preparing = 0;
        young = 0;
        writeSuspects();
    }

    private void writeSuspects() {
        StringBuilder lines = new StringBuilder();
        if (young != 0) {
            lines.append(line(young));
        }
        if (preparing != 0 && preparing != young) {
            lines.append(line(preparing));
        }
        if (lines.isEmpty()) {
            delete(suspectsFile);
        } else {
            write(suspectsFile, lines.toString());
        }
    }

    private String line(long version) {
        return version + " " + crashes.getOrDefault(version, 0) + "\n";
    }

    /// The lines of a file, each with as many numbers; what is not of that form is passed over, as
    /// a machine that lost its power may leave anything.
    private static List<long[]> read(Path file, int numbers) {
        List<long[]> lines = new ArrayList<>();
        try {
            if (!Files.exists(file)) {
                return lines;
            }
            for (String line : Files.readAllLines(file, US_ASCII)) {
                String[] fields = line.strip().split(" ", -1);
                if (fields.length == numbers) {
                    long[] values = new long[numbers];
                    for (int i = 0; i < numbers; i++) {
                        values[i] = Long.parseLong(fields[i]);
                    }
                    lines.add(values);
                }
            }
        } catch (IOException | NumberFormatException e) {
            log.warn("cannot read {}, which is taken as empty: {}", file, e.toString());
        }
        return lines;
    }

    private void write(Path file, String text) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Path unfinished = file.resolveSibling(file.getFileName() + DurableFile.UNFINISHED);
            Files.writeString(unfinished, text, US_ASCII);
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
            trouble.worked();
        } catch (IOException e) {
            trouble.failed(e);
        }
    }

    private void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            trouble.failed(e);
        }
    }
}
