package io.mimicore.dataplane.wasm;

import io.mimicore.dataplane.value.Value;
import java.util.List;

/// How one run of a function ended.
sealed interface CallResult {
    /// Whether the guest's code has returned, so that the instance can go back to its warm state.
    boolean isAtRest();

    /// Runs a function to its end, whatever that is.
    // Generated code throws what it will: the runtime's exceptions, but also the JVM's own, such as
    // StackOverflowError. The instance ends with it, the thread must not.
    @SuppressWarnings("IllegalCatch")
    static CallResult of(GuestFunction function, Guest guest, List<Value> arguments) {
        try {
            return new Returned(function.call(guest, arguments));
        } catch (CallFailedException e) {
            return new Failed(e);
        } catch (Throwable e) {
            return new Broken(e);
        }
    }

    /// It returned a value.
    record Returned(Value value) implements CallResult {
        @Override
        public boolean isAtRest() {
            return true;
        }
    }

    /// It returned, or was never entered, but there is no value.
    record Failed(CallFailedException why) implements CallResult {
        @Override
        public boolean isAtRest() {
            return true;
        }
    }

    /// It did not return.
    record Broken(Throwable cause) implements CallResult {
        @Override
        public boolean isAtRest() {
            return false;
        }
    }

    /// The deadline came first.
    record TimedOut() implements CallResult {
        @Override
        public boolean isAtRest() {
            return false;
        }
    }

    /// There was no instance for it.
    record NotRun() implements CallResult {
        @Override
        public boolean isAtRest() {
            return false;
        }
    }
}
