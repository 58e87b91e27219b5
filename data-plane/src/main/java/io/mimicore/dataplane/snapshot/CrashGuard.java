package io.mimicore.dataplane.snapshot;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Remembers which version was activated last and how often the process died soon after.
///
/// A small file names the version while it is young. It is removed when the version has lived for a
/// minute or the node stops in good order; found at start-up it means a crash. Two crashes make the
/// version poison: the node starts from its other slot and reports it.
/// Confined to the client's thread.
final class CrashGuard {
    private static final Logger log = LoggerFactory.getLogger(CrashGuard.class);
    private static final int CRASHES_MAX = 2;

    private final Path young;
    private final Path poisoned;
    private long youngVersion;
    private int crashes;
    private long poison;

    CrashGuard(Path directory) {
        this.young = directory.resolve("young.version");
        this.poisoned = directory.resolve("poison.version");
    }

    /// Reads what the last run left; counts a crash if it died young.
    void start() {
        poison = read(poisoned, 1).isEmpty() ? 0 : read(poisoned, 1).getFirst();
        List<Long> left = read(young, 2);
        if (left.size() == 2) {
            youngVersion = left.get(0);
            crashes = (int) Math.min(left.get(1) + 1, CRASHES_MAX);
            if (crashes >= CRASHES_MAX) {
                poison = youngVersion;
                write(poisoned, Long.toString(poison));
                log.error(
                        "version {} crashed this node {} times within a minute of its activation:"
                                + " it is not used again",
                        poison,
                        crashes);
            }
        }
    }

    /// The version that is not to be used again; 0: none.
    long poison() {
        return poison;
    }

    /// Notes that `version` goes live now.
    void activating(long version) {
        if (version != youngVersion) {
            youngVersion = version;
            crashes = 0;
        }
        write(young, version + " " + crashes);
    }

    /// Notes that the live version has proved itself, or that the node stops in good order.
    void safe() {
        try {
            Files.deleteIfExists(young);
        } catch (IOException e) {
            log.warn("cannot remove {}: {}", young, e.toString());
        }
        youngVersion = 0;
        crashes = 0;
    }

    private static List<Long> read(Path file, int count) {
        try {
            if (!Files.exists(file)) {
                return List.of();
            }
            String text = Files.readString(file, US_ASCII).strip();
            List<Long> numbers =
                    java.util.Arrays.stream(text.split(" ", -1)).map(Long::parseLong).toList();
            return numbers.size() == count ? numbers : List.of();
        } catch (IOException | NumberFormatException e) {
            log.warn("cannot read {}: {}", file, e.toString());
            return List.of();
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
            Files.writeString(temporary, text, US_ASCII);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            // Serving goes on; only the guard against crash loops is lost, which is said here.
            log.warn("cannot write {}: a crash loop would not be noticed: {}", file, e.toString());
        }
    }
}
