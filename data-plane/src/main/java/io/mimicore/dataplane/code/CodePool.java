package io.mimicore.dataplane.code;

import io.mimicore.dataplane.value.Value;
import java.util.List;

/// The instances of one API's user code.
///
/// Thread-safe. Every call starts from the same warm state and sees nothing of other calls.
public interface CodePool extends AutoCloseable {
    /// Calls a function; returns at once.
    ///
    /// The completion is told exactly once, on a thread of the pool or, when the call cannot even
    /// start, on the caller's.
    ///
    /// @param function index into the API's functions
    /// @param arguments as many as the function takes
    void call(int function, List<Value> arguments, Completion completion);

    /// Takes no more calls, waits for none, and frees the instances when the last call has ended.
    @Override
    void close();

    /// Takes the outcome of a call.
    interface Completion {
        /// The function returned; [Value#MISSING] when it returns nothing.
        void completed(Value result);

        /// The call failed; the request ends.
        void failed(CodeFailure failure);
    }
}
