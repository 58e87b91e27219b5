package io.mimicore.dataplane.wasm;

import com.dylibso.chicory.runtime.ConstantEvaluators;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.TrapException;
import com.dylibso.chicory.runtime.WasmRuntimeException;
import com.dylibso.chicory.wasm.types.ActiveDataSegment;
import com.dylibso.chicory.wasm.types.DataSegment;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.PassiveDataSegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Linear memory in one array that is exactly as long as the memory, so that the array's own bounds
/// check is the check that WASM asks for (core spec 2.0 §4.4.7): the runtime passes effective
/// addresses of 2^31 and more as negative numbers, and no array is that long.
///
/// Remembers which blocks of 4 KiB were written, so that going back to a [WarmImage] costs as much
/// as the call wrote and not as much as the memory is large. Confined to the thread that runs the
/// instance.
final class FlatMemory implements Memory {
    private static final int BLOCK_SHIFT = 12;
    private static final int BLOCK_BYTES = 1 << BLOCK_SHIFT;

    private static final byte[] NOTHING = {};

    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle FLOATS =
            MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle DOUBLES =
            MethodHandles.byteArrayViewVarHandle(double[].class, ByteOrder.LITTLE_ENDIAN);

    private final MemoryLimits declared;
    private final int pagesMax;
    private final MemoryBudget budget;
    private final @Nullable WarmImage image;

    private byte[] bytes;

    /// One byte for each block; not zero when the block may differ from the image.
    private byte[] dirty;

    /// Bytes of the budget that this memory has.
    private int reserved;

    private DataSegment[] segments = {};
    private boolean limitHit;

    private FlatMemory(
            MemoryLimits declared, int pagesMax, MemoryBudget budget, @Nullable WarmImage image) {
        this.declared = declared;
        this.pagesMax = Math.min(pagesMax, RUNTIME_MAX_PAGES);
        this.budget = budget;
        this.image = image;
        this.bytes =
                image == null
                        ? allocateInitial(declared, this.pagesMax, budget)
                        : allocateFor(image, budget);
        this.reserved = bytes.length;
        this.dirty = new byte[bytes.length >>> BLOCK_SHIFT];
    }

    /// A zeroed memory for an instance that starts from its module.
    ///
    /// @param pagesMax pages of 64 KiB at most, whatever the module declares
    /// @throws MemoryBudget.ExhaustedException if the node has no memory left for it
    static FlatMemory zeroed(MemoryLimits declared, int pagesMax, MemoryBudget budget) {
        return new FlatMemory(declared, pagesMax, budget, null);
    }

    /// A memory that holds `image`; data segments are not copied again.
    ///
    /// @throws MemoryBudget.ExhaustedException if the node has no memory left for it
    static FlatMemory of(
            WarmImage image, MemoryLimits declared, int pagesMax, MemoryBudget budget) {
        return new FlatMemory(declared, pagesMax, budget, image);
    }

    /// Whether a request to grow was refused since the last [#reset].
    boolean isLimitHit() {
        return limitHit;
    }

    /// A copy of the whole memory.
    byte[] copyBytes() {
        return bytes.clone();
    }

    /// A copy of the segments as they are now; dropped ones are empty.
    DataSegment[] copySegments() {
        return segments.clone();
    }

    /// Goes back to the image: copies the blocks that were written, and shrinks what grew.
    void reset(WarmImage to) {
        byte[] source = to.memory();
        if (bytes.length == source.length) {
            for (int block = 0; block < dirty.length; block++) {
                if (dirty[block] != 0) {
                    int at = block << BLOCK_SHIFT;
                    System.arraycopy(source, at, bytes, at, BLOCK_BYTES);
                    dirty[block] = 0;
                }
            }
        } else {
            // The large array may go before the small one is made.
            bytes = NOTHING;
            budget.release(reserved - source.length);
            reserved = source.length;
            bytes = source.clone();
            dirty = new byte[bytes.length >>> BLOCK_SHIFT];
        }
        to.copySegmentsInto(segments);
        limitHit = false;
    }

    /// Gives the memory back to the budget; the instance must not run again.
    void free() {
        budget.release(reserved);
        reserved = 0;
        bytes = NOTHING;
        dirty = NOTHING;
    }

    @Override
    public int pages() {
        return bytes.length / PAGE_SIZE;
    }

    /// Adds pages.
    ///
    /// @param count an unsigned number of pages
    /// @return the pages there were, or -1 when that is more than the limit allows or the node has
    @Override
    public int grow(int count) {
        int before = pages();
        if (count < 0 || count > maximumPages() - before) {
            limitHit = true;
            return -1;
        }
        if (count > 0 && !resize((before + count) * PAGE_SIZE)) {
            limitHit = true;
            return -1;
        }
        return before;
    }

    private boolean resize(int length) {
        // Both arrays are there while one is copied, so both must be in the budget. A node may be
        // set to
        // end when its heap is full, and no guest may bring that about.
        if (!budget.tryReserve(length)) {
            return false;
        }
        int before = bytes.length;
        try {
            byte[] grown = Arrays.copyOf(bytes, length);
            dirty = Arrays.copyOf(dirty, length >>> BLOCK_SHIFT);
            bytes = grown;
        } catch (OutOfMemoryError e) {
            budget.release(length);
            return false;
        }
        budget.release(before);
        reserved = length;
        return true;
    }

    private static byte[] allocateInitial(
            MemoryLimits declared, int pagesMax, MemoryBudget budget) {
        int pages = declared.initialPages();
        if (pages > pagesMax) {
            throw new IllegalArgumentException(
                    "initialPages: " + pages + " (expected: at most " + pagesMax + ")");
        }
        return allocate(pages * PAGE_SIZE, budget);
    }

    private static byte[] allocateFor(WarmImage from, MemoryBudget budget) {
        byte[] source = from.memory();
        byte[] copy = allocate(source.length, budget);
        System.arraycopy(source, 0, copy, 0, source.length);
        return copy;
    }

    private static byte[] allocate(int length, MemoryBudget budget) {
        budget.reserve(length);
        try {
            return new byte[length];
        } catch (OutOfMemoryError e) {
            budget.release(length);
            throw new MemoryBudget.ExhaustedException(
                    "no heap for another instance: " + length + " bytes");
        }
    }

    @Override
    public int initialPages() {
        return declared.initialPages();
    }

    @Override
    public int maximumPages() {
        return Math.min(declared.maximumPages(), pagesMax);
    }

    @Override
    public boolean shared() {
        return false;
    }

    @Override
    @SuppressWarnings("removal") // abstract in the interface all the same
    public Object lock(int address) {
        return this;
    }

    @Override
    @SuppressWarnings("removal") // abstract in the interface all the same
    public int waitOn(int address, int expected, long timeout) {
        throw new TrapException("expected shared memory");
    }

    @Override
    @SuppressWarnings("removal") // abstract in the interface all the same
    public int waitOn(int address, long expected, long timeout) {
        throw new TrapException("expected shared memory");
    }

    @Override
    @SuppressWarnings("removal") // abstract in the interface all the same
    public int notify(int address, int maxThreads) {
        readInt(address);
        return 0;
    }

    @Override
    public void initialize(Instance instance, DataSegment @Nullable [] all) {
        if (all == null) {
            return;
        }
        // A copy: the module's own array is shared by its instances, and segments can be dropped.
        segments = all.clone();
        if (image != null) {
            image.copySegmentsInto(segments);
            return;
        }
        for (int i = 0; i < all.length; i++) {
            if (all[i] instanceof ActiveDataSegment segment) {
                long[] offset =
                        ConstantEvaluators.computeConstantValue(
                                instance, segment.offsetInstructions());
                write((int) offset[0], segment.data(), 0, segment.data().length);
                segments[i] = PassiveDataSegment.EMPTY;
            }
        }
    }

    @Override
    public void initPassiveSegment(int segment, int to, int from, int size) {
        write(to, segments[segment].data(), from, size);
    }

    @Override
    public void drop(int segment) {
        segments[segment] = PassiveDataSegment.EMPTY;
    }

    @Override
    public void zero() {
        // A new array is zero, and an image must stay.
    }

    @Override
    public void write(int address, byte[] from, int offset, int size) {
        try {
            System.arraycopy(from, offset, bytes, address, size);
        } catch (IndexOutOfBoundsException e) {
            throw outOfBounds();
        }
        markRange(address, size);
    }

    @Override
    public void fill(byte value, int from, int to) {
        try {
            Arrays.fill(bytes, from, to, value);
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            throw outOfBounds();
        }
        markRange(from, to - from);
    }

    @Override
    public void copy(int to, int from, int size) {
        try {
            System.arraycopy(bytes, from, bytes, to, size);
        } catch (IndexOutOfBoundsException e) {
            throw outOfBounds();
        }
        markRange(to, size);
    }

    @Override
    public byte[] readBytes(int address, int size) {
        // Compared without a sum, which could overflow.
        if (address < 0 || size < 0 || address > bytes.length - size) {
            throw outOfBounds();
        }
        return Arrays.copyOfRange(bytes, address, address + size);
    }

    @Override
    public byte read(int address) {
        try {
            return bytes[address];
        } catch (IndexOutOfBoundsException e) {
            throw outOfBounds();
        }
    }

    @Override
    public short readShort(int address) {
        try {
            return (short) SHORTS.get(bytes, address);
        } catch (IndexOutOfBoundsException e) {
            throw outOfBounds();
        }
    }

    @Override
    public long readU16(int address) {
        return readShort(address) & 0xFFFFL;
    }

    @Override
    public int readInt(int address) {
        try {
            return (int) INTS.get(bytes, address);
        } catch (IndexOutOfBoundsException e) {
            throw outOfBounds();
        }
    }

    @Override
    public long readLong(int address) {
        try {
            return (long) LONGS.get(bytes, address);
        } catch (IndexOutOfBoundsException e) {
            throw outOfBounds();
        }
    }

    @Override
    public float readFloat(int address) {
        try {
            return (float) FLOATS.get(bytes, address);
        } catch (IndexOutOfBoundsException e) {
            throw outOfBounds();
        }
    }

    @Override
    public long readF32(int address) {
        return readInt(address);
    }

    @Override
    public double readDouble(int address) {
        try {
            return (double) DOUBLES.get(bytes, address);
        } catch (IndexOutOfBoundsException e) {
            throw outOfBounds();
        }
    }

    @Override
    public long readF64(int address) {
        return readLong(address);
    }

    @Override
    public void writeByte(int address, byte value) {
        try {
            bytes[address] = value;
        } catch (IndexOutOfBoundsException e) {
            throw outOfBounds();
        }
        dirty[address >>> BLOCK_SHIFT] = 1;
    }

    @Override
    public void writeShort(int address, short value) {
        try {
            SHORTS.set(bytes, address, value);
        } catch (IndexOutOfBoundsException e) {
            throw outOfBounds();
        }
        mark(address, address + 1);
    }

    @Override
    public void writeI32(int address, int value) {
        try {
            INTS.set(bytes, address, value);
        } catch (IndexOutOfBoundsException e) {
            throw outOfBounds();
        }
        mark(address, address + 3);
    }

    @Override
    public void writeLong(int address, long value) {
        try {
            LONGS.set(bytes, address, value);
        } catch (IndexOutOfBoundsException e) {
            throw outOfBounds();
        }
        mark(address, address + 7);
    }

    @Override
    public void writeF32(int address, float value) {
        try {
            FLOATS.set(bytes, address, value);
        } catch (IndexOutOfBoundsException e) {
            throw outOfBounds();
        }
        mark(address, address + 3);
    }

    @Override
    public void writeF64(int address, double value) {
        try {
            DOUBLES.set(bytes, address, value);
        } catch (IndexOutOfBoundsException e) {
            throw outOfBounds();
        }
        mark(address, address + 7);
    }

    private void mark(int first, int last) {
        dirty[first >>> BLOCK_SHIFT] = 1;
        dirty[last >>> BLOCK_SHIFT] = 1;
    }

    private void markRange(int address, int size) {
        if (size > 0) {
            Arrays.fill(
                    dirty,
                    address >>> BLOCK_SHIFT,
                    ((address + size - 1) >>> BLOCK_SHIFT) + 1,
                    (byte) 1);
        }
    }

    private static WasmRuntimeException outOfBounds() {
        return new WasmRuntimeException("out of bounds memory access");
    }
}
