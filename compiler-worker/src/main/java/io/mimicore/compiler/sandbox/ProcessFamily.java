package io.mimicore.compiler.sandbox;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// A command's process and all that it started, also those whose parent has died since.
///
/// Linux bounds the processes of a user, but not those of root, and a container's own bound is the
/// operator's to set. So they are counted here by who started whom. Confined to one thread.
final class ProcessFamily {
    /// How long [#kill] goes on. New processes are started by living ones only, so each round
    /// leaves fewer; this is for a machine that is too busy to end them.
    private static final long KILL_NANOS_MAX = TimeUnit.SECONDS.toNanos(5);

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Set<ProcessHandle> known = new LinkedHashSet<>();

    ProcessFamily(Process first) {
        known.add(first.toHandle());
    }

    /// Looks for new ones and says how many are alive.
    int count() {
        for (ProcessHandle member : List.copyOf(known)) {
            // Taken while it lives: once it is dead, nothing shows whose parent it was.
            member.descendants().forEach(known::add);
        }
        known.removeIf(member -> !member.isAlive());
        return known.size();
    }

    /// Kills all of them, and those that they start meanwhile.
    void kill() {
        long started = System.nanoTime();
        while (count() > 0 && System.nanoTime() - started < KILL_NANOS_MAX) {
            known.forEach(ProcessHandle::destroyForcibly);
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
