package io.mimicore.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// SIGTERM and SIGINT: the first asks the process to stop, the second ends it at once with the exit
/// code of the signal.
///
/// The JVM's own handling answers a signal with 143 or 130 however well the process stopped, and
/// hears no second one while it stops. What is used instead, `sun.misc.Signal`, is exported by the
/// module `jdk.unsupported` and has no successor; it is reached by reflection because javac warns
/// of it and cannot be told not to. Where it is missing, shutdown hooks do.
final class StopSignals {
    private static final Logger log = LoggerFactory.getLogger(StopSignals.class);
    private static final int EXIT_CODE_BASE = 128;

    private final Runnable stop;
    private final AtomicBoolean asked = new AtomicBoolean();

    private StopSignals(Runnable stop) {
        this.stop = stop;
    }

    /// Calls `stop` at the first signal, on a thread of its own.
    static void handle(Runnable stop) {
        var signals = new StopSignals(stop);
        handle("TERM", () -> signals.received("TERM", 15));
        handle("INT", () -> signals.received("INT", 2));
    }

    /// Calls `action` at each SIGHUP, which ends the process otherwise.
    static void onHangup(Runnable action) {
        handle("HUP", action);
    }

    private static void handle(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler called =
                    (_, _, _) -> {
                        action.run();
                        return null;
                    };
            Object proxy =
                    Proxy.newProxyInstance(
                            StopSignals.class.getClassLoader(), new Class<?>[] {handler}, called);
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        } catch (ReflectiveOperationException e) {
            log.debug("SIG{} is left to the JVM", name, e);
        }
    }

    private void received(String name, int number) {
        if (asked.compareAndSet(false, true)) {
            log.info("stopping: SIG{} (a second one ends the process at once)", name);
            stop.run();
        } else {
            log.warn("ending at once: a second signal, SIG{}", name);
            Runtime.getRuntime().halt(EXIT_CODE_BASE + number);
        }
    }
}
