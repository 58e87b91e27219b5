package io.mimicore.dataplane.wasm;

import com.dylibso.chicory.runtime.TrapException;

/// Room on the stack, for what the host does in the middle of a guest's call.
///
/// A guest chooses how full the stack is when it calls the host. Whatever keeps state between calls
/// must not end half way, so it asks for room first.
final class FreeStack {
    /// Frames that must be free before code runs that keeps state between calls.
    static final int FRAMES_FOR_STATE = 1024;

    private FreeStack() {}

    /// Fails here, where nothing can break, when the stack is nearly full.
    ///
    /// @throws TrapException as if the guest's own frames had not fitted
    static void require(int frames) {
        try {
            descend(frames);
        } catch (StackOverflowError e) {
            throw new TrapException("call stack exhausted");
        }
    }

    private static int descend(int count) {
        return count == 0 ? 0 : 1 + descend(count - 1);
    }
}
