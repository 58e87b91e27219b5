package io.mimicore.dataplane.wasm;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.runtime.TrapException;
import com.dylibso.chicory.wasm.types.Table;
import com.dylibso.chicory.wasm.types.Value;
import org.jspecify.annotations.Nullable;

/// A table that cannot change once its instance is made, so that no call leaves something in it for
/// the next one. What Go, TinyGo and LLVM make of a program never changes one.
final class FixedTable extends TableInstance {
    private boolean sealed;

    FixedTable(Table table, int initial) {
        super(table, initial);
    }

    /// What the entries refer to, for [#fill].
    static int[] entries(TableInstance table) {
        int[] entries = new int[table.size()];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = table.instance(i) == null ? Value.REF_NULL_VALUE : table.ref(i);
        }
        return entries;
    }

    /// Sets all entries to functions of `instance`.
    ///
    /// @param entries of a table of another instance of the same module
    void fill(int[] entries, Instance instance) {
        if (entries.length > size()) {
            grow(entries.length - size(), Value.REF_NULL_VALUE, instance);
        }
        for (int i = 0; i < entries.length; i++) {
            setRef(i, entries[i], entries[i] == Value.REF_NULL_VALUE ? null : instance);
        }
    }

    /// Refuses changes from now on.
    void seal() {
        sealed = true;
    }

    @Override
    public int grow(int size, int value, Instance instance) {
        requireOpen();
        return super.grow(size, value, instance);
    }

    @Override
    public void setRef(int index, int value, @Nullable Instance instance) {
        requireOpen();
        super.setRef(index, value, instance);
    }

    @Override
    public void reset() {
        requireOpen();
        super.reset();
    }

    private void requireOpen() {
        if (sealed) {
            throw new TrapException("a table cannot change after the module has started");
        }
    }
}
