package io.mimicore.dataplane.wasm;

import com.dylibso.chicory.wasm.ChicoryException;
import io.mimicore.dataplane.code.CodeFailure;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.UserCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Tells how the calls of one API ended: to the client, to the log and as
/// `mimicore_wasm_execution_seconds{api,function,outcome}`. Thread-safe.
final class CallReport {
    /// How Go and TinyGo begin the line that tells of a panic.
    private static final String PANIC_PREFIX = "panic: ";

    /// How Go begins the line before it gives up.
    private static final String FATAL_PREFIX = "fatal error: ";

    private final UserCode code;
    private final List<String> functions;
    private final UserCodeLog log;
    private final CodeTimers allTimers;
    private final List<CodeTimers.OfFunction> timers;

    CallReport(String api, UserCode code, UserCodeLog log, CodeTimers allTimers) {
        this.code = code;
        this.allTimers = allTimers;
        this.functions = code.functions().stream().map(FunctionSignature::name).toList();
        this.log = log;
        this.timers = functions.stream().map(function -> allTimers.acquire(api, function)).toList();
    }

    /// The failure that a call's result is, or null. Logs what the call wrote.
    @Nullable CodeFailure describe(int function, CallResult result, Guest guest) {
        String name = functions.get(function);
        CodeFailure failure =
                switch (result) {
                    case CallResult.Returned _ -> null;
                    case CallResult.Failed(CallFailedException why) -> why.failure(name);
                    case CallResult.Broken(Throwable cause) ->
                            broken(name, cause, guest, code.maxMemoryMib());
                    case CallResult.TimedOut _ -> timeout(name);
                    case CallResult.NotRun _ -> full(function);
                };
        log.write(guest.output());
        return failure;
    }

    /// As many calls wait as may, or the pool is closed.
    CodeFailure full(int function) {
        return busy(function, "all its instances are busy, and as many calls wait as may");
    }

    /// No instance was free in time.
    CodeFailure waited(int function, long millis) {
        return busy(function, "no instance was free within " + millis + " ms");
    }

    /// The node holds as much linear memory as it may.
    CodeFailure withoutMemory(int function) {
        return busy(function, "the node has no memory for another instance");
    }

    private CodeFailure busy(int function, String why) {
        return failure(
                CodeFailure.Kind.BUSY,
                functions.get(function),
                why + " (of at most " + code.maxInstances() + ")");
    }

    /// Counts a call.
    ///
    /// @param failure absent if it returned
    void record(int function, @Nullable CodeFailure failure, long nanos) {
        timers.get(function).record(failure == null ? null : failure.kind(), nanos);
    }

    /// Gives up the timers; calls that end later are not counted by their outcome any more.
    void close() {
        timers.forEach(allTimers::release);
    }

    private CodeFailure timeout(String name) {
        return failure(
                CodeFailure.Kind.TIMEOUT, name, "not done after " + code.timeoutMillis() + " ms");
    }

    /// Why code did not return.
    static CodeFailure broken(String name, Throwable cause, Guest guest, int maxMemoryMib) {
        if (guest.memory().isLimitHit() || cause instanceof OutOfMemoryError) {
            return failure(
                    CodeFailure.Kind.MEMORY,
                    name,
                    "it needs more than its " + maxMemoryMib + " MiB of memory");
        }
        String panic = guest.output().find(PANIC_PREFIX);
        if (panic != null) {
            return failure(CodeFailure.Kind.PANIC, name, "panic: " + UserCodeLog.clean(panic));
        }
        if (cause instanceof GuestExit exit) {
            String fatal = guest.output().find(FATAL_PREFIX);
            return failure(
                    CodeFailure.Kind.EXIT,
                    name,
                    exit.getMessage() + (fatal == null ? "" : ": " + UserCodeLog.clean(fatal)));
        }
        return failure(CodeFailure.Kind.TRAP, name, "trap: " + trap(cause));
    }

    /// A trap in one line, which says nothing of the host.
    static String trap(Throwable cause) {
        String message = cause.getMessage();
        if (cause instanceof ChicoryException && message != null) {
            return message.lines().findFirst().orElse("");
        }
        return switch (cause) {
            case StackOverflowError _ -> "call stack exhausted";
            case ArithmeticException _ -> "integer divide by zero";
            default -> cause.getClass().getSimpleName();
        };
    }

    private static CodeFailure failure(CodeFailure.Kind kind, String name, String detail) {
        return new CodeFailure(kind, name, name + ": " + detail);
    }
}
