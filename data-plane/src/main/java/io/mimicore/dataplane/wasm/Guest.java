package io.mimicore.dataplane.wasm;

import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.Instance;
import io.mimicore.dataplane.code.CodeFailure;
import java.util.HashMap;
import java.util.Map;

/// One instance of a module. Runs one call at a time, on whatever thread; its owner hands it over.
final class Guest {
    /// Bytes of one result at most: as much as a whole response may have.
    static final int RESULT_BYTES_MAX = 4 << 20;

    /// Gives room for arguments.
    static final String ALLOCATOR = "mimicore_alloc";

    private final Instance instance;
    private final FlatMemory memory;
    private final GuestOutput output;
    private final Map<String, ExportFunction> functions = new HashMap<>();

    Guest(Instance instance, FlatMemory memory, GuestOutput output) {
        this.instance = instance;
        this.memory = memory;
        this.output = output;
    }

    Instance instance() {
        return instance;
    }

    FlatMemory memory() {
        return memory;
    }

    /// What it wrote since the last [#reset].
    GuestOutput output() {
        return output;
    }

    /// An exported function; looked up once.
    ExportFunction function(String name) {
        ExportFunction known = functions.get(name);
        if (known == null) {
            known = instance.export(name);
            functions.put(name, known);
        }
        return known;
    }

    /// Copies `bytes` into memory that the module's allocator gives.
    ///
    /// @return the address
    int place(byte[] bytes) throws CallFailedException {
        if (bytes.length == 0) {
            return 0;
        }
        int address = (int) function(ALLOCATOR).apply(bytes.length)[0];
        if (!isInside(Integer.toUnsignedLong(address), bytes.length) || address == 0) {
            throw new CallFailedException(
                    memory.isLimitHit() ? CodeFailure.Kind.MEMORY : CodeFailure.Kind.RESULT,
                    "its allocator gave no room for an argument of " + bytes.length + " bytes");
        }
        memory.write(address, bytes, 0, bytes.length);
        return address;
    }

    /// Copies the bytes that a result names.
    ///
    /// @param place address and length, `ptr<<32|len`
    byte[] take(long place) throws CallFailedException {
        long address = place >>> Integer.SIZE;
        long length = place & 0xFFFF_FFFFL;
        if (length > RESULT_BYTES_MAX) {
            throw new CallFailedException(
                    CodeFailure.Kind.RESULT,
                    "result: " + length + " bytes (expected: at most " + RESULT_BYTES_MAX + ")");
        }
        if (!isInside(address, length)) {
            throw new CallFailedException(
                    CodeFailure.Kind.RESULT,
                    "result: " + length + " bytes at " + address + " (expected: in its memory)");
        }
        return memory.readBytes((int) address, (int) length);
    }

    private boolean isInside(long address, long length) {
        return address + length <= (long) memory.pages() * FlatMemory.PAGE_SIZE;
    }

    /// Goes back to the image that it was made of. Only for a guest whose last call returned: after
    /// a trap or an interruption it is thrown away, and [GuestFactory#renew] makes another one.
    void reset(WarmImage image) {
        memory.reset();
        image.restoreGlobals(instance);
        output.clear();
    }

    /// Gives its memory back; it must not be used again.
    void free() {
        memory.free();
    }
}
