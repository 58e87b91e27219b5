package io.mimicore.dataplane.wasm;

import com.dylibso.chicory.wasm.ChicoryException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.mimicore.dataplane.code.CodeFailure;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.UserCode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Tells how the calls of one API ended: to the client, to the log and as
/// `mimicore_wasm_execution_seconds{api,function,outcome}`. Thread-safe.
final class CallReport {
    private static final String TIMER = "mimicore_wasm_execution_seconds";

    private static final Duration[] BUCKETS = {
        Duration.ofNanos(50_000),
        Duration.ofNanos(200_000),
        Duration.ofMillis(1),
        Duration.ofMillis(5),
        Duration.ofMillis(20),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(2),
        Duration.ofSeconds(10)
    };

    /// How Go and TinyGo begin the line that tells of a panic.
    private static final String PANIC_PREFIX = "panic: ";

    /// How Go begins the line before it gives up.
    private static final String FATAL_PREFIX = "fatal error: ";

    private final UserCode code;
    private final List<String> functions;
    private final UserCodeLog log;
    private final List<FunctionTimers> timers;

    CallReport(String api, UserCode code, UserCodeLog log, MeterRegistry registry) {
        this.code = code;
        this.functions = code.functions().stream().map(FunctionSignature::name).toList();
        this.log = log;
        this.timers =
                functions.stream()
                        .map(function -> new FunctionTimers(registry, api, function))
                        .toList();
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
                    case CallResult.NotRun _ -> busy(function);
                };
        log.write(guest.output());
        return failure;
    }

    /// No instance was free in time, or the pool is closed.
    CodeFailure busy(int function) {
        return failure(
                CodeFailure.Kind.BUSY,
                functions.get(function),
                "no instance was free (of at most " + code.maxInstances() + ")");
    }

    /// Counts a call.
    ///
    /// @param failure absent if it returned
    void record(int function, @Nullable CodeFailure failure, long nanos) {
        Timer timer =
                failure == null
                        ? timers.get(function).ok
                        : timers.get(function).failed(failure.kind());
        timer.record(nanos, TimeUnit.NANOSECONDS);
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

    /// The timers of one function. Those of failures come when the first one does.
    private static final class FunctionTimers {
        private final MeterRegistry registry;
        private final String api;
        private final String function;
        private final Timer ok;
        private final Map<CodeFailure.Kind, Timer> failures = new ConcurrentHashMap<>();

        FunctionTimers(MeterRegistry registry, String api, String function) {
            this.registry = registry;
            this.api = api;
            this.function = function;
            this.ok = timer("ok");
        }

        Timer failed(CodeFailure.Kind kind) {
            return failures.computeIfAbsent(
                    kind, failure -> timer(failure.name().toLowerCase(Locale.ROOT)));
        }

        private Timer timer(String outcome) {
            return Timer.builder(TIMER)
                    .description("Seconds that calls of user code ran, or waited if they did not.")
                    .tags("api", api, "function", function, "outcome", outcome)
                    .serviceLevelObjectives(BUCKETS)
                    .register(registry);
        }
    }
}
