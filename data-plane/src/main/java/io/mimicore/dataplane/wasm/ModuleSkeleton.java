package io.mimicore.dataplane.wasm;

import io.mimicore.dataplane.code.CodePoolFactory.PrepareException;
import java.io.ByteArrayOutputStream;

/// Makes a module that a node can read fast: the code is in the machine classes, so every function
/// body becomes `unreachable`, and custom sections go away. Everything that has an index keeps it.
///
/// Reads the binary format of the Wasm core spec 2.0 §5.5.
final class ModuleSkeleton {
    private static final int HEADER_BYTES = 8;
    private static final int CUSTOM_SECTION = 0;
    private static final int START_SECTION = 8;
    private static final int CODE_SECTION = 10;

    /// A body of three bytes: no locals, `unreachable`, `end`.
    private static final byte[] EMPTY_BODY = {3, 0, 0, 0x0B};

    private final byte[] module;
    private int at = HEADER_BYTES;

    private ModuleSkeleton(byte[] module) {
        this.module = module;
    }

    /// The module as it starts: with its start section.
    static byte[] starting(byte[] module) throws PrepareException {
        return new ModuleSkeleton(module).write(/* withStart= */ true);
    }

    /// The module of an instance that was started before: without a start section.
    static byte[] started(byte[] module) throws PrepareException {
        return new ModuleSkeleton(module).write(/* withStart= */ false);
    }

    private byte[] write(boolean withStart) throws PrepareException {
        var out = new ByteArrayOutputStream(module.length / 2);
        if (module.length < HEADER_BYTES) {
            throw truncated();
        }
        out.write(module, 0, HEADER_BYTES);
        while (at < module.length) {
            int section = module[at++];
            int length = readLength();
            int end = at + length;
            if (section == CODE_SECTION) {
                writeEmptyBodies(out);
            } else if (section != CUSTOM_SECTION && (withStart || section != START_SECTION)) {
                out.write(section);
                writeLength(out, length);
                out.write(module, at, length);
            }
            at = end;
        }
        return out.toByteArray();
    }

    private void writeEmptyBodies(ByteArrayOutputStream out) throws PrepareException {
        int count = readUnsigned();
        if (count < 0 || count > module.length) {
            throw truncated();
        }
        var bodies = new ByteArrayOutputStream(count * EMPTY_BODY.length + Integer.BYTES);
        writeLength(bodies, count);
        for (int i = 0; i < count; i++) {
            bodies.writeBytes(EMPTY_BODY);
        }
        out.write(CODE_SECTION);
        writeLength(out, bodies.size());
        out.writeBytes(bodies.toByteArray());
    }

    private int readLength() throws PrepareException {
        int length = readUnsigned();
        if (length < 0 || length > module.length - at) {
            throw truncated();
        }
        return length;
    }

    /// An unsigned LEB128 of at most 32 bits (core spec 2.0 §5.2.2).
    private int readUnsigned() throws PrepareException {
        int value = 0;
        for (int shift = 0; shift < Integer.SIZE; shift += 7) {
            if (at >= module.length) {
                throw truncated();
            }
            byte next = module[at++];
            value |= (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw truncated();
    }

    private static void writeLength(ByteArrayOutputStream out, int length) {
        int rest = length;
        while (rest > 0x7F) {
            out.write((rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
    }

    private static PrepareException truncated() {
        return new PrepareException("module: its sections do not add up (expected: a WASM module)");
    }
}
