package io.mimicore.dataplane.wasm;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/// Writes small WASM modules by hand (core spec 2.0 §5), for what no compiler makes.
final class ModuleWriter {
    static final int I32 = 0x7F;
    static final int I64 = 0x7E;
    static final int EXTERNREF = 0x6F;

    private static final int FUNCTION_SECTION = 3;
    private static final int CODE_SECTION = 10;

    private final List<byte[]> types = new ArrayList<>();
    private final List<byte[]> imports = new ArrayList<>();
    private final List<byte[]> functions = new ArrayList<>();
    private final List<byte[]> globals = new ArrayList<>();
    private final List<byte[]> exports = new ArrayList<>();
    private final List<byte[]> bodies = new ArrayList<>();
    private final List<byte[]> segments = new ArrayList<>();
    private byte[] memory = {0, 1};
    private byte[] table = {};
    private byte[] elements = {};
    private int start = -1;

    /// Pages, with a limit. The default is one page without one.
    ModuleWriter memory(int pages, int pagesMax) {
        memory = concat(bytes(1), unsigned(pages), unsigned(pagesMax));
        return this;
    }

    /// The limits as they are in the binary format, empty for no memory.
    ModuleWriter rawMemory(int... limits) {
        memory = bytes(limits);
        return this;
    }

    /// An import of a function that returns an `i32`.
    ModuleWriter importFunction(String module, String name, int... parameters) {
        types.add(concat(bytes(0x60), vector(parameters), bytes(1, I32)));
        imports.add(concat(name(module), name(name), bytes(0), unsigned(types.size() - 1)));
        return this;
    }

    /// An exported function without parameters that returns an `i64`.
    ///
    /// @param code its instructions without the last `end`
    ModuleWriter function(String name, int... code) {
        return typed(name, bytes(0), bytes(1, I64), code);
    }

    /// An exported function without parameters and results.
    ModuleWriter action(String name, int... code) {
        return typed(name, bytes(0), bytes(0), code);
    }

    /// An exported function `(i32, i32) -> i64`.
    ModuleWriter bytesFunction(String name, int... code) {
        return typed(name, vector(I32, I32), bytes(1, I64), code);
    }

    /// An exported function `(i32) -> i32`.
    ModuleWriter intFunction(String name, int... code) {
        return typed(name, vector(I32), bytes(1, I32), code);
    }

    private ModuleWriter typed(String name, byte[] parameters, byte[] results, int... code) {
        types.add(concat(bytes(0x60), parameters, results));
        functions.add(unsigned(types.size() - 1));
        int index = imports.size() + functions.size() - 1;
        exports.add(concat(name(name), bytes(0), unsigned(index)));
        bodies.add(concat(bytes(0), bytes(code), bytes(0x0B)));
        return this;
    }

    /// A variable global.
    ///
    /// @param initial its instructions without `end`
    ModuleWriter global(int type, int... initial) {
        globals.add(concat(bytes(type, 1), bytes(initial), bytes(0x0B)));
        return this;
    }

    /// A passive data segment.
    ModuleWriter passive(String text) {
        segments.add(concat(bytes(1), unsigned(text.length()), text.getBytes(UTF_8)));
        return this;
    }

    /// An active data segment.
    ModuleWriter active(int address, String text) {
        segments.add(
                concat(
                        bytes(0, 0x41),
                        signed(address),
                        bytes(0x0B),
                        unsigned(text.length()),
                        text.getBytes(UTF_8)));
        return this;
    }

    /// A table of functions, of which the first entry is function 0.
    ModuleWriter table(int entries) {
        table = concat(bytes(1, 0x70, 0), unsigned(entries));
        elements = bytes(1, 0, 0x41, 0, 0x0B, 1, 0);
        return this;
    }

    /// The function that runs when the module is instantiated.
    ModuleWriter start(int function) {
        start = function;
        return this;
    }

    /// The module.
    byte[] write() {
        var out = new ByteArrayOutputStream();
        out.writeBytes(bytes(0, 'a', 's', 'm', 1, 0, 0, 0));
        section(out, 1, types);
        section(out, 2, imports);
        section(out, FUNCTION_SECTION, functions);
        raw(out, 4, table);
        if (memory.length > 0) {
            raw(out, 5, concat(bytes(1), memory));
        }
        section(out, 6, globals);
        section(out, 7, exports);
        if (start >= 0) {
            raw(out, 8, unsigned(start));
        }
        raw(out, 9, elements);
        if (!segments.isEmpty()) {
            raw(out, 12, unsigned(segments.size()));
        }
        section(
                out,
                CODE_SECTION,
                bodies.stream().map(body -> concat(unsigned(body.length), body)).toList());
        section(out, 11, segments);
        return out.toByteArray();
    }

    private static void section(ByteArrayOutputStream out, int id, List<byte[]> items) {
        if (!items.isEmpty()) {
            raw(out, id, concat(unsigned(items.size()), concat(items.toArray(byte[][]::new))));
        }
    }

    private static void raw(ByteArrayOutputStream out, int id, byte[] content) {
        if (content.length > 0) {
            out.write(id);
            out.writeBytes(unsigned(content.length));
            out.writeBytes(content);
        }
    }

    static byte[] name(String name) {
        return concat(unsigned(name.length()), name.getBytes(UTF_8));
    }

    static byte[] vector(int... items) {
        return concat(unsigned(items.length), bytes(items));
    }

    static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    static byte[] unsigned(int value) {
        var out = new ByteArrayOutputStream();
        int rest = value;
        while ((rest & ~0x7F) != 0) {
            out.write((rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
        return out.toByteArray();
    }

    static byte[] signed(int value) {
        var out = new ByteArrayOutputStream();
        int rest = value;
        while (rest < -64 || rest > 63) {
            out.write((rest & 0x7F) | 0x80);
            rest >>= 7;
        }
        out.write(rest & 0x7F);
        return out.toByteArray();
    }

    static byte[] concat(byte[]... parts) {
        var out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
