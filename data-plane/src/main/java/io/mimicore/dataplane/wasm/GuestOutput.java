package io.mimicore.dataplane.wasm;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.dylibso.chicory.runtime.Memory;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a guest wrote to stdout and stderr during one call. Keeps the beginning and drops the rest.
final class GuestOutput {
    /// Bytes kept of one call: more lines than [UserCodeLog] lets through in a second.
    private static final int BYTES_MAX = 64 << 10;

    private static final byte[] NOTHING = {};

    private byte[] bytes = NOTHING;
    private int length;
    private boolean cut;

    /// Adds bytes of the guest's memory.
    void append(Memory memory, int address, int size) {
        if (size == 0) {
            return;
        }
        // Traps for any range out of bounds, also where the bytes are not kept.
        memory.read(address);
        memory.read(size < 0 ? size : address + size - 1);
        int kept = Math.min(size, BYTES_MAX - length);
        cut |= kept < size;
        if (length + kept > bytes.length) {
            int grown = Math.max(length + kept, Math.min(BYTES_MAX, 2 * bytes.length));
            bytes = Arrays.copyOf(bytes, grown);
        }
        System.arraycopy(memory.readBytes(address, kept), 0, bytes, length, kept);
        length += kept;
    }

    boolean isEmpty() {
        return length == 0;
    }

    /// Whether something was dropped.
    boolean isCut() {
        return cut;
    }

    /// The lines, without their ends.
    List<String> lines() {
        return new String(bytes, 0, length, UTF_8).lines().toList();
    }

    /// The first line that begins with `prefix`, without it.
    @Nullable String find(String prefix) {
        if (isEmpty()) {
            return null;
        }
        for (String line : lines()) {
            if (line.startsWith(prefix)) {
                return line.substring(prefix.length());
            }
        }
        return null;
    }

    /// Forgets everything.
    void clear() {
        bytes = NOTHING;
        length = 0;
        cut = false;
    }
}
