package io.mimicore.dataplane.wasm;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import java.util.Optional;

/// How much a thread steps back when others want its processor.
///
/// Only Linux keeps this for each thread; elsewhere nothing happens, as where the JVM was not
/// allowed native access. A thread may step back without privileges, but not come forward again, so
/// this is for threads that do so for as long as they live.
///
/// Source: setpriority(2), "C library/kernel differences": on Linux the nice value belongs to a
/// thread, and 0 names the one that calls.
final class ThreadNiceness {
    private static final int PRIO_PROCESS = 0;
    private static final int THIS_THREAD = 0;
    private static final int NICE_MAX = 19;

    private static final Optional<MethodHandle> SETPRIORITY = setpriority();

    private ThreadNiceness() {}

    /// Lets the calling platform thread step back.
    ///
    /// @param nice 0: as all others, to 19: it runs when nobody else wants to
    /// @return whether it does so from now on
    // A method handle may throw anything by its type; this one calls a C function.
    @SuppressWarnings("IllegalCatch")
    static boolean set(int nice) {
        if (nice < 0 || nice > NICE_MAX) {
            throw new IllegalArgumentException(
                    "nice: " + nice + " (expected: 0.." + NICE_MAX + ")");
        }
        if (SETPRIORITY.isEmpty()) {
            return false;
        }
        try {
            return (int) SETPRIORITY.get().invokeExact(PRIO_PROCESS, THIS_THREAD, nice) == 0;
        } catch (Throwable e) {
            throw new IllegalStateException("setpriority", e);
        }
    }

    @SuppressWarnings("restricted") // only where the JVM was started with native access
    private static Optional<MethodHandle> setpriority() {
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        if (!system.equals("linux") || !ThreadNiceness.class.getModule().isNativeAccessEnabled()) {
            return Optional.empty();
        }
        var shape =
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT);
        Linker linker = Linker.nativeLinker();
        return linker.defaultLookup()
                .find("setpriority")
                .map(address -> linker.downcallHandle(address, shape));
    }
}
