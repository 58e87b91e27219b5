package io.mimicore.dataplane.wasm;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.runtime.TrapException;
import com.dylibso.chicory.wasm.types.Table;

/// A table that cannot change once its instance is made, so that no call leaves something in it for
/// the next one. What Go, TinyGo and LLVM make of a program never changes one.
final class FixedTable extends TableInstance {
    private boolean sealed;

    FixedTable(Table table, int initial) {
        super(table, initial);
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
    public void setRef(int index, int value, Instance instance) {
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
