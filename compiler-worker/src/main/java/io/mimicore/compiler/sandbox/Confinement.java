package io.mimicore.compiler.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How far this machine lets a command be shut off.
///
/// With Linux namespaces the command has no network, sees no process but its own, and dies as a
/// whole with its first process. Containers mostly forbid unprivileged namespaces; the resource
/// limits hold there too, and module downloads stay impossible through the toolchain's settings.
final class Confinement {
    private static final Logger log = LoggerFactory.getLogger(Confinement.class);
    private static final Path UNSHARE = Path.of("/usr/bin/unshare");
    private static final Path PRLIMIT = Path.of("/usr/bin/prlimit");
    private static final Path NICE = Path.of("/usr/bin/nice");

    /// Of 19: what serves traffic on the same machine comes first whenever it wants a processor.
    private static final String NICENESS = "10";

    private static final Path SHELL = Path.of("/bin/sh");
    private static final long PROBE_SECONDS = 10;

    /// POSIX: the file size limit of `ulimit` counts blocks of 512 bytes.
    private static final int BLOCKS_PER_MIB = 2_048;

    private final boolean namespaces;

    private Confinement(boolean namespaces) {
        this.namespaces = namespaces;
    }

    /// Tries out what works here. Says it in the log.
    static Confinement probe() throws InterruptedException {
        boolean works = Files.isExecutable(UNSHARE) && Files.isExecutable(PRLIMIT) && trial();
        if (works) {
            log.info("builds run without network, in namespaces of their own");
        } else {
            log.info(
                    "builds run without namespaces of their own: unshare is missing or forbidden"
                            + " here; resource limits and module download settings still hold");
        }
        return new Confinement(works);
    }

    /// Without namespaces, whatever the machine could do.
    static Confinement limitsOnly() {
        return new Confinement(false);
    }

    boolean hasNamespaces() {
        return namespaces;
    }

    /// The command line that runs `arguments` within `limits`.
    List<String> wrap(List<String> arguments, SandboxLimits limits) {
        List<String> line = new ArrayList<>();
        if (Files.isExecutable(NICE)) {
            line.addAll(List.of(NICE.toString(), "-n", NICENESS));
        }
        if (namespaces) {
            line.addAll(unshare());
            // Counted in the user namespace just made (Linux 5.14 and later).
            line.addAll(List.of(PRLIMIT.toString(), "--nproc=" + limits.processes(), "--"));
        }
        // Not exec: the shell turns death by a signal into a status above 128, which unshare does
        // not pass on from its first process.
        String script =
                "ulimit -c 0; ulimit -t "
                        + limits.cpuSeconds()
                        + "; ulimit -v "
                        + limits.memoryMib() * 1_024L
                        + "; ulimit -f "
                        + (long) limits.fileMib() * BLOCKS_PER_MIB
                        + "; \"$@\"; exit $?";
        line.addAll(List.of(SHELL.toString(), "-c", script, "sh"));
        line.addAll(arguments);
        return line;
    }

    private static List<String> unshare() {
        return List.of(
                UNSHARE.toString(),
                "--map-root-user",
                "--net",
                "--pid",
                "--ipc",
                "--uts",
                "--fork",
                "--kill-child",
                "--");
    }

    private static boolean trial() throws InterruptedException {
        List<String> line = new ArrayList<>(unshare());
        line.add(SHELL.toString());
        line.addAll(List.of("-c", "exit 0"));
        try {
            Process process =
                    new ProcessBuilder(line)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            try {
                return process.waitFor(PROBE_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            log.debug("unshare cannot be started", e);
            return false;
        }
    }
}
