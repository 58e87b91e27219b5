package io.mimicore.compiler.cost;

import com.dylibso.chicory.wasm.types.OpCode;
import com.dylibso.chicory.wasm.types.WasmEncoding;

/// What decoding a module and compiling it to JVM classes will take.
///
/// A byte of code may be an instruction, and an instruction becomes an object many times its size;
/// six bytes may declare 50 000 locals. So the size of a module says little, and a parser learns
/// what it needs by needing it. This walks over the code once, keeps nothing, and counts. A module
/// whose code does not add up costs as if each byte left were an instruction: it is for the parser
/// to say what is wrong with it.
///
/// Source: WebAssembly core specification 2.0, chapter 5.
///
/// @param instructions of all functions, with the targets of branch tables; what time depends on
/// @param heapBytes most that it takes at a time, about
public record ModuleCost(long instructions, long heapBytes) {
    /// Most instructions that are compiled. The largest program of Go within the limit of a source
    /// has 2.6 million and takes ten seconds.
    public static final long INSTRUCTIONS_MAX = 8_000_000;

    /// Programs of Go with 0.7 and 2.6 million instructions were compiled with 140 and 146 bytes of
    /// heap for each, and with less ran out of it.
    private static final long BYTES_PER_INSTRUCTION = 150;

    private static final long BYTES_PER_FUNCTION = 500;
    private static final long BYTES_PER_LOCAL = 16;

    /// Entries of the remaining sections are objects too, made of as little as one byte.
    private static final long BYTES_PER_OTHER = 150;

    /// Data and names are copied, not taken apart.
    private static final long BYTES_PER_CONTENT = 4;

    private static final int HEADER_BYTES = 8;
    private static final int CUSTOM_SECTION = 0;
    private static final int CODE_SECTION = 10;
    private static final int DATA_SECTION = 11;

    /// What a module takes.
    ///
    /// @param wasm any bytes
    public static ModuleCost of(byte[] wasm) {
        return new Walk(wasm).cost();
    }

    /// One walk over a module.
    private static final class Walk {
        private final byte[] wasm;
        private int at = HEADER_BYTES;
        private long instructions;
        private long locals;
        private long functions;
        private long contentBytes;
        private long otherBytes;

        Walk(byte[] wasm) {
            this.wasm = wasm;
        }

        ModuleCost cost() {
            try {
                while (at < wasm.length) {
                    section();
                }
            } catch (NotAModuleException _) {
                instructions += wasm.length - Math.min(at, wasm.length);
            }
            return new ModuleCost(
                    instructions,
                    instructions * BYTES_PER_INSTRUCTION
                            + locals * BYTES_PER_LOCAL
                            + functions * BYTES_PER_FUNCTION
                            + contentBytes * BYTES_PER_CONTENT
                            + otherBytes * BYTES_PER_OTHER);
        }

        private void section() throws NotAModuleException {
            int id = byteAt();
            int end = endOf(unsigned());
            switch (id) {
                case CODE_SECTION -> code();
                case DATA_SECTION, CUSTOM_SECTION -> contentBytes += end - at;
                default -> otherBytes += end - at;
            }
            at = end;
        }

        private void code() throws NotAModuleException {
            long count = unsigned();
            for (long i = 0; i < count; i++) {
                int end = endOf(unsigned());
                functions++;
                long runs = unsigned();
                for (long run = 0; run < runs; run++) {
                    locals += unsigned();
                    valueType();
                }
                while (at < end) {
                    instruction();
                }
            }
        }

        private void instruction() throws NotAModuleException {
            instructions++;
            OpCode code = OpCode.byOpCode(opcode());
            if (code == null) {
                throw new NotAModuleException();
            }
            for (WasmEncoding immediate : OpCode.signature(code)) {
                immediate(immediate);
            }
        }

        /// One byte, or a prefix and a number; put together as the runtime numbers them.
        private int opcode() throws NotAModuleException {
            int first = byteAt();
            return switch (first) {
                case 0xFB, 0xFC, 0xFD, 0xFE -> (first << Byte.SIZE) | (int) unsigned();
                default -> first;
            };
        }

        private void immediate(WasmEncoding encoding) throws NotAModuleException {
            switch (encoding) {
                case VARUINT, VARSINT32, VARSINT64, BLOCK_TYPE -> number();
                case BYTE -> skip(1);
                case FLOAT32 -> skip(Float.BYTES);
                case FLOAT64 -> skip(Double.BYTES);
                case V128 -> skip(2 * Long.BYTES);
                case MEMARG -> memoryArgument();
                case VEC_VARUINT -> targets();
                case VEC_VALUE_TYPE -> {
                    long count = unsigned();
                    for (long i = 0; i < count; i++) {
                        valueType();
                    }
                }
                case VEC_CATCH -> throw new NotAModuleException();
            }
        }

        private void memoryArgument() throws NotAModuleException {
            // Bit 6 of the alignment: the index of a memory follows.
            boolean indexed = (unsigned() & 0x40) != 0;
            if (indexed) {
                number();
            }
            number();
        }

        private void targets() throws NotAModuleException {
            long count = unsigned();
            for (long i = 0; i < count; i++) {
                instructions++;
                number();
            }
        }

        private void valueType() throws NotAModuleException {
            int first = byteAt();
            // A reference to a type that is named by its index.
            if (first == 0x63 || first == 0x64) {
                number();
            }
        }

        private int endOf(long length) throws NotAModuleException {
            if (length > wasm.length - at) {
                throw new NotAModuleException();
            }
            return at + (int) length;
        }

        private void skip(int bytes) throws NotAModuleException {
            at = endOf(bytes);
        }

        private int byteAt() throws NotAModuleException {
            if (at >= wasm.length) {
                throw new NotAModuleException();
            }
            return Byte.toUnsignedInt(wasm[at++]);
        }

        /// LEB128 of any sign and size, skipped.
        private void number() throws NotAModuleException {
            while (byteAt() >= 0x80) {
                // its last byte has no high bit
            }
        }

        /// An unsigned LEB128 of 32 bits.
        private long unsigned() throws NotAModuleException {
            long value = 0;
            for (int shift = 0; shift <= 28; shift += 7) {
                int next = byteAt();
                value |= (long) (next & 0x7F) << shift;
                if (next < 0x80) {
                    return value;
                }
            }
            throw new NotAModuleException();
        }
    }

    /// The bytes do not add up.
    private static final class NotAModuleException extends Exception {
        private static final long serialVersionUID = 1;

        NotAModuleException() {
            super("", null, false, false);
        }
    }
}
