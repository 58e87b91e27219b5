package io.mimicore.dataplane.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.WasmRuntimeException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlatMemoryTest {
    private static final int PAGE = 1 << 16;

    private final MemoryBudget budget = new MemoryBudget(1L << 30);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void anyOperations_behaveAsBytesOneByOne(long seed) {
        var random = new SplittableRandom(seed);
        leaveRubbish(PAGE, 2 * PAGE + 100, 3 * PAGE, 4 * PAGE);
        FlatMemory flat = FlatMemory.zeroed(new MemoryLimits(1, 4), 4, budget);
        var model = new ByteModel(1, 4);

        for (int step = 0; step < 20_000; step++) {
            var operation =
                    new Operation(
                            random.nextInt(21),
                            random.nextLong(),
                            address(random, model.size()),
                            address(random, model.size()),
                            address(random, 300));
            assertThat(apply(flat, operation))
                    .as("step %d: %s", step, operation)
                    .isEqualTo(model.apply(operation));
        }
        assertThat(flat.copyBytes()).isEqualTo(model.bytes());
    }

    /// Keeps arrays that another instance filled.
    private void leaveRubbish(int... lengths) {
        for (int length : lengths) {
            byte[] array = budget.take(new MemoryBudget.Lengths(length, length, length));
            Arrays.fill(array, (byte) 0x5A);
            budget.give(array);
        }
    }

    /// Mostly in bounds, often at their very edge.
    private static int address(SplittableRandom random, int bound) {
        return switch (random.nextInt(8)) {
            case 0 -> random.nextInt();
            case 1 -> bound - random.nextInt(12);
            case 2 -> Integer.MAX_VALUE - random.nextInt(12);
            case 3 -> -random.nextInt(12);
            default -> random.nextInt(bound);
        };
    }

    private static Object apply(FlatMemory memory, Operation operation) {
        int at = operation.address();
        int size = operation.size();
        long value = operation.value();
        try {
            switch (operation.code()) {
                case 0 -> memory.writeByte(at, (byte) value);
                case 1 -> memory.writeShort(at, (short) value);
                case 2 -> memory.writeI32(at, (int) value);
                case 3 -> memory.writeLong(at, value);
                case 4 -> memory.writeF32(at, Float.intBitsToFloat((int) value & 0x7F00_FFFF));
                case 5 -> memory.writeF64(at, Double.longBitsToDouble(value & Long.MAX_VALUE >> 2));
                // As the generated code calls it: with an end that may have overflowed.
                case 6 -> memory.fill((byte) value, at, at + size);
                case 7 -> memory.copy(at, operation.from(), size);
                case 8 -> memory.write(at, new byte[] {1, 2, 3, 4, 5}, 1, 3);
                case 9 -> {
                    return (long) memory.read(at);
                }
                case 10 -> {
                    return (long) memory.readShort(at);
                }
                case 11, 12 -> {
                    return (long) memory.readInt(at);
                }
                case 13 -> {
                    return memory.readLong(at);
                }
                case 14 -> {
                    return (long) Float.floatToRawIntBits(memory.readFloat(at));
                }
                case 15 -> {
                    return Double.doubleToRawLongBits(memory.readDouble(at));
                }
                case 16 -> {
                    return memory.readU16(at);
                }
                case 17 -> {
                    return memory.readF64(at);
                }
                case 18 -> {
                    return HexFormat.of().formatHex(memory.readBytes(at, size));
                }
                case 19 -> {
                    return (long) memory.grow(operation.pages());
                }
                default -> {
                    return memory.readU8(at);
                }
            }
            return "done";
        } catch (WasmRuntimeException e) {
            return "trap";
        }
    }

    @Test
    void reset_afterAnyWrites_isTheImageAgain() {
        var random = new SplittableRandom(7);
        byte[] before = new byte[2 * PAGE];
        random.nextBytes(before);
        FlatMemory memory = FlatMemory.zeroed(new MemoryLimits(2), 8, budget);
        memory.write(0, before, 0, before.length);
        WarmImage image = WarmImage.capture(emptyInstance(), memory);
        leaveRubbish(2 * PAGE, 3 * PAGE, 5 * PAGE);
        FlatMemory copy = FlatMemory.of(image, new MemoryLimits(2), 8, budget);

        for (int round = 0; round < 300; round++) {
            for (int i = 0; i < 20; i++) {
                apply(
                        copy,
                        new Operation(
                                random.nextInt(21),
                                random.nextLong(),
                                address(random, 2 * PAGE),
                                address(random, 2 * PAGE),
                                address(random, 300)));
            }
            copy.reset();
            assertThat(copy.pages()).isEqualTo(2);
            assertThat(copy.isLimitHit()).isFalse();
            assertThat(copy.copyBytes()).isEqualTo(before);
        }
        copy.free();
        memory.free();
        assertThat(budget.used()).isZero();
    }

    /// The stack may end in the middle of any write.
    @Test
    void reset_afterWritesThatTheStackCutShort_isTheImageAgain() throws InterruptedException {
        FlatMemory memory = FlatMemory.zeroed(new MemoryLimits(2), 8, budget);
        WarmImage image = WarmImage.capture(emptyInstance(), memory);
        FlatMemory copy = FlatMemory.of(image, new MemoryLimits(2), 8, budget);
        var overflows = new AtomicInteger();
        var different = new AtomicInteger();
        var thread =
                new Thread(
                        null,
                        () -> {
                            for (int round = 0; round < 300; round++) {
                                try {
                                    writeWithoutEnd(copy, round * 13);
                                } catch (StackOverflowError e) {
                                    overflows.incrementAndGet();
                                }
                                copy.reset();
                                different.addAndGet(
                                        Arrays.equals(copy.copyBytes(), image.memory()) ? 0 : 1);
                            }
                        },
                        "deep",
                        256 << 10);
        thread.start();
        thread.join();

        assertThat(overflows).hasValue(300);
        assertThat(different).hasValue(0);
    }

    @SuppressWarnings("InfiniteRecursion") // the stack is to overflow
    private static int writeWithoutEnd(FlatMemory memory, int depth) {
        int at = Math.floorMod(depth * 4_099, 2 * PAGE - 64);
        switch (depth % 5) {
            case 0 -> memory.writeLong(at, -1L);
            case 1 -> memory.fill((byte) 7, at, at + 50);
            case 2 -> memory.write(at, new byte[] {1, 2, 3, 4, 5}, 1, 3);
            case 3 -> memory.copy(at, Math.floorMod(at + 5_000, 2 * PAGE - 64), 40);
            default -> memory.writeF64(at, 0.5);
        }
        return writeWithoutEnd(memory, depth + 1) + 1;
    }

    @Test
    void grow_overAndOver_takesTheSameArrays() {
        FlatMemory memory = FlatMemory.zeroed(new MemoryLimits(2, 64), 64, budget);
        WarmImage image = WarmImage.capture(emptyInstance(), memory);
        FlatMemory copy = FlatMemory.of(image, new MemoryLimits(2, 64), 64, budget);
        long before = budget.used();
        long allocated = allocatedBytes();

        for (int round = 0; round < 50; round++) {
            for (int pages = 2; pages < 64; pages++) {
                assertThat(copy.grow(1)).isEqualTo(pages);
                int last = pages * PAGE + PAGE - 1;
                assertThat(copy.read(last)).isZero();
                copy.writeByte(last, (byte) 1);
            }
            copy.reset();
            assertThat(budget.used()).isEqualTo(before);
        }
        // Each round grows to 4 MiB; the first one allocates 4, 8, 16, 32 and 64 pages of 64 KiB.
        assertThat(allocatedBytes() - allocated).isLessThan(16 << 20);
        assertThat(copy.copyBytes()).isEqualTo(image.memory());
    }

    private static long allocatedBytes() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        return threads.getCurrentThreadAllocatedBytes();
    }

    @Test
    void grow_beyondTheLimit_isRefusedAndRemembered() {
        FlatMemory memory = FlatMemory.zeroed(new MemoryLimits(1, 100), 3, budget);

        assertThat(memory.grow(2)).isEqualTo(1);
        assertThat(memory.isLimitHit()).isFalse();
        assertThat(memory.grow(0)).isEqualTo(3);
        assertThat(memory.grow(1)).isEqualTo(-1);
        assertThat(memory.isLimitHit()).isTrue();
        assertThat(memory.grow(Integer.MAX_VALUE)).isEqualTo(-1);
        assertThat(memory.grow(-1)).isEqualTo(-1);
        assertThat(memory.pages()).isEqualTo(3);
        assertThat(budget.used()).isEqualTo(3 * PAGE);
    }

    @Test
    void grow_beyondTheNodesBudget_isRefusedAndRemembered() {
        // While one is copied to a larger one, both are there.
        var small = new MemoryBudget(3 * PAGE);
        FlatMemory memory = FlatMemory.zeroed(new MemoryLimits(1, 100), 100, small);

        assertThat(memory.grow(2)).isEqualTo(-1);
        assertThat(memory.isLimitHit()).isTrue();
        assertThat(memory.grow(1)).isEqualTo(1);
        assertThat(small.used()).isEqualTo(2 * PAGE);
        assertThatExceptionOfType(MemoryBudget.ExhaustedException.class)
                .isThrownBy(() -> FlatMemory.zeroed(new MemoryLimits(2), 100, small))
                .withMessage(
                        "no memory for another instance: 131072 bytes (expected: at most 65536 of the"
                                + " node's 196608)");
        memory.free();
        assertThat(small.used()).isZero();
    }

    private static Instance emptyInstance() {
        return Instance.builder(Parser.parse(new ModuleWriter().write())).build();
    }

    /// @param code 0..20, see [FlatMemoryTest#apply]
    private record Operation(int code, long value, int address, int from, int size) {
        /// Rarely more than none, since the memory is soon as large as it can be.
        int pages() {
            return value % 50 == 0 ? (int) (value >> 60) : 0;
        }
    }

    /// Linear memory as the specification says it: byte by byte, with addresses that are unsigned.
    private static final class ByteModel {
        private final int pagesMax;
        private byte[] bytes;

        ByteModel(int pages, int pagesMax) {
            this.bytes = new byte[pages * PAGE];
            this.pagesMax = pagesMax;
        }

        int size() {
            return bytes.length;
        }

        byte[] bytes() {
            return bytes;
        }

        Object apply(Operation operation) {
            long at = Integer.toUnsignedLong(operation.address());
            long from = Integer.toUnsignedLong(operation.from());
            long size = Integer.toUnsignedLong(operation.size());
            long value = operation.value();
            return switch (operation.code()) {
                case 0 -> store(at, 1, value);
                case 1 -> store(at, 2, value);
                case 2 -> store(at, 4, value);
                case 3 -> store(at, 8, value);
                case 4 -> store(at, 4, value & 0x7F00_FFFF);
                case 5 -> store(at, 8, value & Long.MAX_VALUE >> 2);
                case 6 -> fill(at, size, (byte) value);
                case 7 -> copy(at, from, size);
                case 8 -> isOutside(at, 3) ? "trap" : store(at, 3, 0x040302);
                case 9 -> load(at, 1);
                case 10 -> load(at, 2);
                case 11, 12, 14 -> load(at, 4);
                case 13, 15, 17 -> load(at, 8);
                case 16 -> load(at, 2) instanceof Long word ? (Object) (word & 0xFFFF) : "trap";
                case 18 ->
                        isOutside(at, size)
                                ? "trap"
                                : HexFormat.of().formatHex(bytes, (int) at, (int) at + (int) size);
                case 19 -> grow(operation.pages());
                default -> load(at, 1) instanceof Long b ? (Object) (b & 0xFF) : "trap";
            };
        }

        private boolean isOutside(long at, long size) {
            return at + size > bytes.length;
        }

        private Object store(long at, int size, long value) {
            if (isOutside(at, size)) {
                return "trap";
            }
            for (int i = 0; i < size; i++) {
                bytes[(int) at + i] = (byte) (value >>> (8 * i));
            }
            return "done";
        }

        private Object load(long at, int size) {
            if (isOutside(at, size)) {
                return "trap";
            }
            long value = bytes[(int) at + size - 1];
            for (int i = size - 2; i >= 0; i--) {
                value = (value << 8) | (bytes[(int) at + i] & 0xFF);
            }
            return value;
        }

        private Object fill(long at, long size, byte value) {
            if (isOutside(at, size)) {
                return "trap";
            }
            for (long i = at; i < at + size; i++) {
                bytes[(int) i] = value;
            }
            return "done";
        }

        private Object copy(long to, long from, long size) {
            if (isOutside(to, size) || isOutside(from, size)) {
                return "trap";
            }
            byte[] part = Arrays.copyOfRange(bytes, (int) from, (int) (from + size));
            for (int i = 0; i < part.length; i++) {
                bytes[(int) to + i] = part[i];
            }
            return "done";
        }

        private Object grow(int more) {
            int pages = bytes.length / PAGE;
            if (more < 0 || more + pages > pagesMax) {
                return -1L;
            }
            bytes = Arrays.copyOf(bytes, (pages + more) * PAGE);
            return (long) pages;
        }
    }
}
