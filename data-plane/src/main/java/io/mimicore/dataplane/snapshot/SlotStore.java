package io.mimicore.dataplane.snapshot;

import io.mimicore.ir.Digest;
import io.mimicore.signing.Trust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Two slots on disk, so that a node restarts with nothing else alive.
///
/// A version is written over the slot that does not hold the version that served before it, to a
/// temporary file that is forced and renamed over the slot: a crash at any time leaves the other
/// slot whole. A slot that does not read back, or is not signed by the cluster's key, is reported
/// and passed over. Confined to one thread at a time.
final class SlotStore {
    /// The names of the files.
    static final List<String> SLOTS = List.of("a.slot", "b.slot");

    private static final Logger log = LoggerFactory.getLogger(SlotStore.class);

    private final Path directory;
    private final SlotCodec codec;
    private final DiskTrouble trouble =
            new DiskTrouble(
                    "a restart without the control plane would start from an older version");
    private final Map<String, Held> held = new HashMap<>();

    /// @param trusted whose signatures count
    SlotStore(Path directory, Trust trusted) {
        this.directory = directory;
        this.codec = new SlotCodec(trusted);
    }

    /// What a slot holds, as far as choosing between them needs it.
    private record Held(long version, Set<Digest> artifacts) {
        static Held of(SnapshotContent content) {
            return new Held(content.version(), content.artifacts());
        }
    }

    /// What the slots hold, newest version first. To be called once, before anything else.
    List<SnapshotContent> load() {
        List<SnapshotContent> contents = new ArrayList<>();
        for (String slot : SLOTS) {
            Path file = directory.resolve(slot);
            try {
                if (Files.exists(file)) {
                    SnapshotContent content = codec.read(file);
                    contents.add(content);
                    held.put(slot, Held.of(content));
                }
            } catch (IOException e) {
                log.warn("slot {} cannot be used and will be written anew: {}", file, e.toString());
            }
        }
        contents.sort(Comparator.comparingLong(SnapshotContent::version).reversed());
        return contents;
    }

    /// Keeps `content`, which serves now. A failure is reported once, until it works again; then
    /// both slots are as before.
    ///
    /// @param previousVersion the version that served before, whose slot stays; 0: none
    /// @return whether it is kept
    boolean save(SnapshotContent content, long previousVersion) {
        String slot = slotToReplace(previousVersion);
        try {
            DurableFile.replace(directory.resolve(slot), out -> SlotCodec.write(content, out));
            held.put(slot, Held.of(content));
            DurableFile.forceDirectory(directory);
            trouble.worked();
            return true;
        } catch (IOException e) {
            trouble.failed(e);
            return false;
        }
    }

    /// The artifacts that the versions in the slots need.
    Set<Digest> artifacts() {
        Set<Digest> artifacts = new HashSet<>();
        held.values().forEach(slot -> artifacts.addAll(slot.artifacts()));
        return artifacts;
    }

    /// A slot that holds nothing usable, else the older one, but never the one to fall back to.
    private String slotToReplace(long previousVersion) {
        return SLOTS.stream()
                .min(Comparator.comparingLong(slot -> worth(slot, previousVersion)))
                .orElseThrow();
    }

    private long worth(String slot, long previousVersion) {
        Held content = held.get(slot);
        if (content == null) {
            return -1;
        }
        return content.version() == previousVersion ? Long.MAX_VALUE : content.version();
    }
}
