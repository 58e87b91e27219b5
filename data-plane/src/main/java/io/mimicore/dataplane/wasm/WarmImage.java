package io.mimicore.dataplane.wasm;

import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.types.DataSegment;
import com.dylibso.chicory.wasm.types.MutabilityType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The state of an instance at rest that every call starts from. Immutable and shared.
///
/// It holds the linear memory, the mutable globals (exported or not), which data segments were
/// dropped, and the tables. No call can change those (see [FixedTable]), so only a new instance
/// gets them.
///
/// What the module drew from `random_get` while it started is frozen into the image, such as the
/// seed of Go's map hashes: it differs from node to node and from load to load, but not from call
/// to call. Nothing secret may hang on it; every call that asks for random bytes itself gets fresh
/// ones.
final class WarmImage {
    private final byte[] memory;
    private final DataSegment[] segments;
    private final int[][] tables;
    private final int[] globals;
    private final long[] lowBits;
    private final long[] highBits;

    private WarmImage(
            byte[] memory, DataSegment[] segments, int[][] tables, List<GlobalState> states) {
        this.memory = memory;
        this.segments = segments;
        this.tables = tables;
        this.globals = states.stream().mapToInt(GlobalState::index).toArray();
        this.lowBits = states.stream().mapToLong(GlobalState::low).toArray();
        this.highBits = states.stream().mapToLong(GlobalState::high).toArray();
    }

    /// Copies the state of an instance that runs no code.
    static WarmImage capture(Instance instance, FlatMemory memory) {
        var states = new ArrayList<GlobalState>();
        for (int i = 0; i < instance.globalCount(); i++) {
            GlobalInstance global = instance.global(i);
            if (global.getMutabilityType() == MutabilityType.Var) {
                states.add(new GlobalState(i, global.getValueLow(), global.getValueHigh()));
            }
        }
        int[][] tables = new int[instance.module().tableSection().tableCount()][];
        for (int i = 0; i < tables.length; i++) {
            tables[i] = FixedTable.entries(instance.table(i));
        }
        return new WarmImage(memory.copyBytes(), memory.copySegments(), tables, states);
    }

    /// The linear memory; never written to.
    byte[] memory() {
        return memory;
    }

    /// Sets the mutable globals.
    void restoreGlobals(Instance instance) {
        for (int i = 0; i < globals.length; i++) {
            GlobalInstance global = instance.global(globals[i]);
            global.setValueLow(lowBits[i]);
            global.setValueHigh(highBits[i]);
        }
    }

    /// Fills the tables of a new instance.
    ///
    /// @param target in the module's order, open to changes
    void copyTablesInto(List<FixedTable> target, Instance instance) {
        for (int i = 0; i < tables.length; i++) {
            target.get(i).fill(tables[i], instance);
        }
    }

    /// Whether memory and globals of an instance are these.
    boolean isStateOf(Instance instance, FlatMemory linear) {
        for (int i = 0; i < globals.length; i++) {
            GlobalInstance global = instance.global(globals[i]);
            if (global.getValueLow() != lowBits[i] || global.getValueHigh() != highBits[i]) {
                return false;
            }
        }
        return Arrays.equals(linear.copyBytes(), memory);
    }

    /// Sets which data segments are dropped.
    void copySegmentsInto(DataSegment[] target) {
        System.arraycopy(segments, 0, target, 0, segments.length);
    }

    private record GlobalState(int index, long low, long high) {}
}
