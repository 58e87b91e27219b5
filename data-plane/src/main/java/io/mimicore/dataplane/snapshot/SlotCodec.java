package io.mimicore.dataplane.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.dataplane.snapshot.SnapshotContent.StoredApi;
import io.mimicore.ir.Digest;
import io.mimicore.ir.codec.IrCodec;
import io.mimicore.signing.Trust;
import io.mimicore.snapshot.ApiEntry;
import io.mimicore.snapshot.SnapshotSignature;
import io.mimicore.snapshot.SnapshotTree;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/// A slot's file: a delivered snapshot, whole.
///
/// Numbers are big-endian; a text or bytes come after their length in 4 bytes.
///
/// | field | bytes |
/// | --- | --- |
/// | `MIMICSL1` | 8 |
/// | version | 8 |
/// | root | 32 |
/// | signature | 4 + … |
/// | number of APIs | 4 |
/// | of each API: name, number of artifacts, their digests, IR | 4 + …, 4, 32 each, 4 + … |
/// | CRC-32C (RFC 3720 §12.1) of all before | 8 |
///
/// The checksum tells a torn file from a forged one; what counts is the signature over version and
/// root, and that the content has this root.
final class SlotCodec {
    private static final long MAGIC = 0x4d494d4943534c31L; // MIMICSL1
    private static final int TEXT_BYTES_MAX = 1024;
    private static final int ARTIFACTS_MAX = 1024;

    private final Trust trusted;

    SlotCodec(Trust trusted) {
        this.trusted = trusted;
    }

    static void write(SnapshotContent content, OutputStream to) throws IOException {
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

    /// Reads a file and checks it.
    ///
    /// @throws IOException if it cannot be read, is damaged, or is not this cluster's
    SnapshotContent read(Path file) throws IOException {
        try (CheckedInputStream checked =
                        new CheckedInputStream(
                                new BufferedInputStream(Files.newInputStream(file), 1 << 16),
                                new CRC32C());
                DataInputStream in = new DataInputStream(checked)) {
            if (in.readLong() != MAGIC) {
                throw new IOException("it is no slot of this format");
            }
            long version = in.readLong();
            Digest root = readDigest(in);
            byte[] signature = readBytes(in, TEXT_BYTES_MAX);
            SortedMap<String, StoredApi> apis = readApis(in);
            long expected = checked.getChecksum().getValue();
            if (in.readLong() != expected) {
                throw new IOException("its checksum is wrong");
            }
            if (in.read() >= 0) {
                throw new IOException("it goes on after its end");
            }
            return verified(new SnapshotContent(version, root, signature, apis));
        } catch (EOFException e) {
            throw new IOException("it ends too early", e);
        }
    }

    private static SortedMap<String, StoredApi> readApis(DataInputStream in) throws IOException {
        SortedMap<String, StoredApi> apis = new TreeMap<>();
        int count = in.readInt();
        for (int i = 0; i < count; i++) {
            String name = new String(readBytes(in, TEXT_BYTES_MAX), UTF_8);
            int artifacts = in.readInt();
            if (artifacts < 0 || artifacts > ARTIFACTS_MAX) {
                throw new IOException(
                        "artifacts: " + artifacts + " (expected: 0.." + ARTIFACTS_MAX + ")");
            }
            List<Digest> digests = new ArrayList<>();
            for (int k = 0; k < artifacts; k++) {
                digests.add(readDigest(in));
            }
            byte[] ir = readBytes(in, IrCodec.BYTES_MAX);
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

    private static Digest readDigest(DataInputStream in) throws IOException {
        byte[] bytes = new byte[Digest.BYTES];
        in.readFully(bytes);
        return Digest.ofBytes(bytes);
    }

    private static byte[] readBytes(DataInputStream in, int bytesMax) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > bytesMax) {
            throw new IOException("length: " + length + " (expected: 0.." + bytesMax + ")");
        }
        // Grows with what is there: a damaged length allocates nothing.
        byte[] bytes = in.readNBytes(length);
        if (bytes.length != length) {
            throw new EOFException();
        }
        return bytes;
    }
}
