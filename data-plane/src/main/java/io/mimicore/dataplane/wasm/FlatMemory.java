package io.mimicore.dataplane.wasm;

import static java.util.Objects.requireNonNull;

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

/// Linear memory in one array, which may be longer than a memory that has grown: growing further
/// then costs little, and an array can serve instance after instance (see [MemoryBudget]). What is
/// behind the end of the memory may be another API's, so every access is checked against that end,
/// as WASM asks for (core spec 2.0 §4.4.7). Reads compare with it; writes mark their block first,
/// and there are exactly as many marks as the memory has blocks. The runtime passes effective
/// addresses of 2^31 and more as negative numbers, which no array has.
///
/// Remembers which blocks of 4 KiB were written, so that going back to a [WarmImage] costs as much
/// as the call wrote and not as much as the memory is large. A block is marked before it is written
/// to: wherever a call ends, even by an overflow of the stack in here, [#reset] finds all it did.
/// Confined to the thread that runs the instance.
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

    /// Where the memory ends, in bytes.
    private int end;

    /// One byte for each block up to the end; not zero when the block may differ from the image.
    private byte[] dirty;

    /// The array that held the image, and its marks, while the memory has grown out of it.
    private byte @Nullable [] home;

    private byte[] homeDirty = NOTHING;

    private DataSegment[] segments = {};
    private boolean limitHit;

    private FlatMemory(
            MemoryLimits declared, int pagesMax, MemoryBudget budget, @Nullable WarmImage image) {
        this.declared = declared;
        this.pagesMax = Math.min(pagesMax, RUNTIME_MAX_PAGES);
        this.budget = budget;
        this.image = image;
        this.end = image == null ? initialBytes(declared, this.pagesMax) : image.memory().length;
        this.bytes = budget.take(new MemoryBudget.Lengths(end, end, end));
        this.dirty = new byte[end >>> BLOCK_SHIFT];
        if (image == null) {
            Arrays.fill(bytes, 0, end, (byte) 0);
        } else {
            System.arraycopy(image.memory(), 0, bytes, 0, end);
        }
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

    private static int initialBytes(MemoryLimits declared, int pagesMax) {
        int pages = declared.initialPages();
        if (pages > pagesMax) {
            throw new IllegalArgumentException(
                    "initialPages: " + pages + " (expected: at most " + pagesMax + ")");
        }
        return pages * PAGE_SIZE;
    }

    /// Whether a request to grow was refused since the last [#reset].
    boolean isLimitHit() {
        return limitHit;
    }

    /// A copy of the whole memory.
    byte[] copyBytes() {
        return Arrays.copyOf(bytes, end);
    }

    /// A copy of the segments as they are now; dropped ones are empty.
    DataSegment[] copySegments() {
        return segments.clone();
    }

    /// Goes back to the image that it was made of: copies the blocks that were written, and shrinks
    /// what grew. Allocates nothing.
    void reset() {
        WarmImage to = requireNonNull(image, "image");
        byte[] grown = bytes;
        byte[] back = home;
        if (back != null) {
            bytes = back;
            dirty = homeDirty;
            home = null;
            homeDirty = NOTHING;
            budget.give(grown);
        }
        byte[] source = to.memory();
        end = source.length;
        for (int block = 0; block < dirty.length; block++) {
            if (dirty[block] != 0) {
                int at = block << BLOCK_SHIFT;
                System.arraycopy(source, at, bytes, at, BLOCK_BYTES);
                dirty[block] = 0;
            }
        }
        to.copySegmentsInto(segments);
        limitHit = false;
    }

    /// Gives the memory back to the budget; the instance must not run again.
    void free() {
        byte[] last = bytes;
        byte[] back = home;
        end = 0;
        bytes = NOTHING;
        dirty = NOTHING;
        home = null;
        budget.give(last);
        if (back != null) {
            budget.give(back);
        }
    }

    @Override
    public int pages() {
        return end / PAGE_SIZE;
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
        if (count > 0) {
            // The budget must not be left half changed.
            FreeStack.require(FreeStack.FRAMES_FOR_STATE);
            if (!growTo((before + count) * PAGE_SIZE)) {
                limitHit = true;
                return -1;
            }
        }
        return before;
    }

    private boolean growTo(int length) {
        int before = end;
        byte[] marks = Arrays.copyOf(dirty, length >>> BLOCK_SHIFT);
        if (length <= bytes.length) {
            Arrays.fill(bytes, before, length, (byte) 0);
        } else {
            // Both arrays are there while one is copied, so both must be in the budget. A node may
            // be set to end when its heap is full, and no guest may bring that about.
            int max = maximumPages() * PAGE_SIZE;
            int preferred = (int) Math.max(length, Math.min(2L * before, max));
            byte[] grown = budget.tryTake(new MemoryBudget.Lengths(length, preferred, max));
            if (grown == null) {
                return false;
            }
            System.arraycopy(bytes, 0, grown, 0, before);
            Arrays.fill(grown, before, length, (byte) 0);
            leave();
            bytes = grown;
        }
        dirty = marks;
        end = length;
        return true;
    }

    /// Keeps the array with the image, and gives any other back.
    private void leave() {
        if (image != null && home == null) {
            homeDirty = dirty;
            home = bytes;
        } else {
            budget.give(bytes);
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
        requireInside(address, size);
        markRange(address, size);
        try {
            System.arraycopy(from, offset, bytes, address, size);
        } catch (IndexOutOfBoundsException e) {
            throw outOfBounds();
        }
    }

    @Override
    public void fill(byte value, int from, int to) {
        if (from < 0 || to < from || to > end) {
            throw outOfBounds();
        }
        markRange(from, to - from);
        Arrays.fill(bytes, from, to, value);
    }

    @Override
    public void copy(int to, int from, int size) {
        requireInside(from, size);
        requireInside(to, size);
        markRange(to, size);
        System.arraycopy(bytes, from, bytes, to, size);
    }

    @Override
    public byte[] readBytes(int address, int size) {
        requireInside(address, size);
        return Arrays.copyOfRange(bytes, address, address + size);
    }

    @Override
    public byte read(int address) {
        try {
            if (address > end - Byte.BYTES) {
                throw outOfBounds();
            }
            return bytes[address];
        } catch (IndexOutOfBoundsException e) {
            throw outOfBounds();
        }
    }

    @Override
    public short readShort(int address) {
        try {
            if (address > end - Short.BYTES) {
                throw outOfBounds();
            }
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
            if (address > end - Integer.BYTES) {
                throw outOfBounds();
            }
            return (int) INTS.get(bytes, address);
        } catch (IndexOutOfBoundsException e) {
            throw outOfBounds();
        }
    }

    @Override
    public long readLong(int address) {
        try {
            if (address > end - Long.BYTES) {
                throw outOfBounds();
            }
            return (long) LONGS.get(bytes, address);
        } catch (IndexOutOfBoundsException e) {
            throw outOfBounds();
        }
    }

    @Override
    public float readFloat(int address) {
        try {
            if (address > end - Float.BYTES) {
                throw outOfBounds();
            }
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
            if (address > end - Double.BYTES) {
                throw outOfBounds();
            }
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
            dirty[address >>> BLOCK_SHIFT] = 1;
            bytes[address] = value;
        } catch (IndexOutOfBoundsException e) {
            throw outOfBounds();
        }
    }

    @Override
    public void writeShort(int address, short value) {
        try {
            mark(address, address + Short.BYTES - 1);
            SHORTS.set(bytes, address, value);
        } catch (IndexOutOfBoundsException e) {
            throw outOfBounds();
        }
    }

    @Override
    public void writeI32(int address, int value) {
        try {
            mark(address, address + Integer.BYTES - 1);
            INTS.set(bytes, address, value);
        } catch (IndexOutOfBoundsException e) {
            throw outOfBounds();
        }
    }

    @Override
    public void writeLong(int address, long value) {
        try {
            mark(address, address + Long.BYTES - 1);
            LONGS.set(bytes, address, value);
        } catch (IndexOutOfBoundsException e) {
            throw outOfBounds();
        }
    }

    @Override
    public void writeF32(int address, float value) {
        try {
            mark(address, address + Float.BYTES - 1);
            FLOATS.set(bytes, address, value);
        } catch (IndexOutOfBoundsException e) {
            throw outOfBounds();
        }
    }

    @Override
    public void writeF64(int address, double value) {
        try {
            mark(address, address + Double.BYTES - 1);
            DOUBLES.set(bytes, address, value);
        } catch (IndexOutOfBoundsException e) {
            throw outOfBounds();
        }
    }

    /// Marks the blocks of these two bytes.
    ///
    /// @throws IndexOutOfBoundsException if one of them is not in the memory
    private void mark(int first, int last) {
        dirty[first >>> BLOCK_SHIFT] = 1;
        dirty[last >>> BLOCK_SHIFT] = 1;
    }

    /// Marks the blocks of a range in the memory.
    private void markRange(int address, int size) {
        if (size > 0) {
            Arrays.fill(
                    dirty,
                    address >>> BLOCK_SHIFT,
                    ((address + size - 1) >>> BLOCK_SHIFT) + 1,
                    (byte) 1);
        }
    }

    private void requireInside(int address, int size) {
        // Compared without a sum, which could overflow.
        if (address < 0 || size < 0 || address > end - size) {
            throw outOfBounds();
        }
    }

    private static WasmRuntimeException outOfBounds() {
        return new WasmRuntimeException("out of bounds memory access");
    }
}
