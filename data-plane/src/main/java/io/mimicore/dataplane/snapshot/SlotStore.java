package io.mimicore.dataplane.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import io.mimicore.dataplane.snapshot.SnapshotContent.StoredApi;
import io.mimicore.ir.Digest;
import io.mimicore.signing.TrustedKey;
import io.mimicore.snapshot.ApiEntry;
import io.mimicore.snapshot.SnapshotSignature;
import io.mimicore.snapshot.SnapshotTree;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Two slots on disk, so that a node restarts with nothing else alive.
///
/// The older slot is written, to a temporary file that is forced, renamed over the slot, and the
/// directory forced: a crash at any time leaves the other slot whole. A slot that does not read
/// back, or is not signed by the cluster's key, is reported and passed over.
/// Confined to the client's thread.
final class SlotStore {
    private static final Logger log = LoggerFactory.getLogger(SlotStore.class);
    private static final List<String> SLOTS = List.of("a.slot", "b.slot");
    private static final long MAGIC = 0x4d494d4943534c31L; // MIMICSL1
    private static final int TEXT_BYTES_MAX = 1024;
    private static final int IR_BYTES_MAX = 64 * 1024 * 1024;
    private static final int ARTIFACTS_MAX = 1024;

    private final Path directory;
    private final TrustedKey trusted;

    SlotStore(Path directory, TrustedKey trusted) {
        this.directory = directory;
        this.trusted = trusted;
    }

    /// What the slots hold, newest version first.
    List<SnapshotContent> load() {
        List<SnapshotContent> contents = new ArrayList<>();
        for (String slot : SLOTS) {
            Path file = directory.resolve(slot);
            if (Files.exists(file)) {
                try {
                    contents.add(read(file));
                } catch (IOException e) {
                    log.warn("slot {} cannot be used: {}", file, e.getMessage());
                }
            }
        }
        contents.sort(Comparator.comparingLong(SnapshotContent::version).reversed());
        return contents;
    }

    /// Writes `content` over the slot that does not hold the newest other version.
    ///
    /// @throws IOException if it cannot be written; both slots are as before
    void save(SnapshotContent content) throws IOException {
        Files.createDirectories(directory);
        Path target = directory.resolve(slotToOverwrite());
        Path temporary = directory.resolve("next.tmp");
        try (FileChannel channel = FileChannel.open(temporary, CREATE, WRITE, TRUNCATE_EXISTING)) {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
            write(content, out);
            out.flush();
            channel.force(true);
        }
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel channel = FileChannel.open(directory, READ)) {
            channel.force(true);
        }
    }

    private String slotToOverwrite() {
        long first = versionIn(SLOTS.get(0));
        long second = versionIn(SLOTS.get(1));
        return first <= second ? SLOTS.get(0) : SLOTS.get(1);
    }

    private long versionIn(String slot) {
        Path file = directory.resolve(slot);
        try {
            return Files.exists(file) ? read(file).version() : -1;
        } catch (IOException e) {
            log.warn("slot {} is written anew: {}", file, e.getMessage());
            return -1;
        }
    }

    private static void write(SnapshotContent content, OutputStream to) throws IOException {
        CheckedOutputStream checked = new CheckedOutputStream(to, new CRC32C());
        DataOutputStream out = new DataOutputStream(checked);
        out.writeLong(MAGIC);
        out.writeLong(content.version());
        out.write(content.root().bytes());
        writeBytes(out, content.signature());
        out.writeInt(content.apis().size());
        for (StoredApi api : content.apis().values()) {
            writeBytes(out, api.entry().api().getBytes(UTF_8));
            out.writeInt(api.entry().artifacts().size());
            for (Digest artifact : api.entry().artifacts()) {
                out.write(artifact.bytes());
            }
            writeBytes(out, api.ir());
        }
        out.writeLong(checked.getChecksum().getValue());
        out.flush();
    }

    private SnapshotContent read(Path file) throws IOException {
        try (CheckedInputStream checked =
                        new CheckedInputStream(
                                new BufferedInputStream(Files.newInputStream(file), 1 << 16),
                                new CRC32C());
                DataInputStream in = new DataInputStream(checked)) {
            if (in.readLong() != MAGIC) {
                throw new IOException("it is no slot of this format");
            }
            long version = in.readLong();
            Digest root = Digest.ofBytes(in.readNBytes(Digest.BYTES));
            byte[] signature = readBytes(in, TEXT_BYTES_MAX);
            SortedMap<String, StoredApi> apis = readApis(in);
            long expected = checked.getChecksum().getValue();
            if (in.readLong() != expected) {
                throw new IOException("its checksum is wrong");
            }
            return verified(new SnapshotContent(version, root, signature, apis));
        } catch (IllegalArgumentException e) {
            throw new IOException("it is damaged: " + e.getMessage(), e);
        }
    }

    private static SortedMap<String, StoredApi> readApis(DataInputStream in) throws IOException {
        SortedMap<String, StoredApi> apis = new TreeMap<>();
        int count = in.readInt();
        for (int i = 0; i < count; i++) {
            String name = new String(readBytes(in, TEXT_BYTES_MAX), UTF_8);
            int artifacts = in.readInt();
            if (artifacts < 0 || artifacts > ARTIFACTS_MAX) {
                throw new IOException("artifacts: " + artifacts + " (expected: 0..1024)");
            }
            List<Digest> digests = new ArrayList<>();
            for (int k = 0; k < artifacts; k++) {
                digests.add(Digest.ofBytes(in.readNBytes(Digest.BYTES)));
            }
            byte[] ir = readBytes(in, IR_BYTES_MAX);
            apis.put(name, new StoredApi(new ApiEntry(name, Digest.of(ir), digests), ir));
        }
        return apis;
    }

    private SnapshotContent verified(SnapshotContent content) throws IOException {
        List<ApiEntry> entries = content.apis().values().stream().map(StoredApi::entry).toList();
        if (!SnapshotTree.of(entries).root().equals(content.root())) {
            throw new IOException("its content is not what its root says");
        }
        byte[] signed = SnapshotSignature.signedForm(content.version(), content.root());
        if (!trusted.verifies(signed, content.signature())) {
            throw new IOException("it is not signed by this cluster's key");
        }
        return content;
    }

    private static void writeBytes(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static byte[] readBytes(DataInputStream in, int bytesMax) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > bytesMax) {
            throw new IOException("length: " + length + " (expected: 0.." + bytesMax + ")");
        }
        byte[] bytes = in.readNBytes(length);
        if (bytes.length != length) {
            throw new IOException("it ends too early");
        }
        return bytes;
    }
}
