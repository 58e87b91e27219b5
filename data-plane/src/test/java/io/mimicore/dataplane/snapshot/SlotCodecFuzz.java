package io.mimicore.dataplane.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.mimicore.fuzzing.SeededInputs;
import io.mimicore.ir.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/// Any bytes as a slot on the disk: damaged, or just the content that was signed.
class SlotCodecFuzz {
    private static final Versions VERSIONS = new Versions();
    private static final SlotCodec CODEC = new SlotCodec(VERSIONS.key().trusted());
    private static final SnapshotContent CONTENT =
            VERSIONS.of(
                    7,
                    Versions.text("a", "two", Digest.of(new byte[] {7})),
                    Versions.text("c", "new"));

    /// The checksum is set right, so that what is behind it is reached.
    @FuzzTest(maxDuration = "60m", maxExecutions = 1_000_000)
    void slot_any_isDamagedOrWhatWasSigned(byte[] bytes) throws IOException {
        Path file = Files.createTempFile("slot", ".fuzz");
        try {
            Files.write(file, withChecksum(bytes));
            SnapshotContent read = CODEC.read(file);
            assertThat(read.root()).isEqualTo(CONTENT.root());
            assertThat(read.version()).isEqualTo(CONTENT.version());
        } catch (IOException e) {
            assertThat(e).hasMessageNotContaining("Exception");
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void slot_mutated_isDamagedOrWhatWasSigned() throws IOException {
        var written = new ByteArrayOutputStream();
        SlotCodec.write(CONTENT, written);
        byte[] whole = written.toByteArray();
        SeededInputs.of(Arrays.copyOf(whole, whole.length - Long.BYTES), whole)
                .feed(13, this::slot_any_isDamagedOrWhatWasSigned);
    }

    private static byte[] withChecksum(byte[] bytes) {
        var checksum = new CRC32C();
        checksum.update(bytes);
        return ByteBuffer.allocate(bytes.length + Long.BYTES)
                .put(bytes)
                .putLong(checksum.getValue())
                .array();
    }
}
