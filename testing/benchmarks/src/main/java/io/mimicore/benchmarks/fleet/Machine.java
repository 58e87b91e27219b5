package io.mimicore.benchmarks.fleet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// What Linux counts.
///
/// @see <a href="https://man7.org/linux/man-pages/man5/proc.5.html">proc(5)</a>
final class Machine {
    private static final long BYTES_PER_KIB = 1_024;
    private static final int USER_FIELD = 11;
    private static final long NANOS_PER_TICK = TimeUnit.MILLISECONDS.toNanos(10);

    private Machine() {}

    /// Threads that can run, on average over the last minute.
    static String load() {
        return read(Path.of("/proc/loadavg")).split(" ", -1)[0];
    }

    /// Memory of a process that is resident, in bytes.
    static long residentBytes(long pid) {
        return read(Path.of("/proc", Long.toString(pid), "status"))
                        .lines()
                        .filter(line -> line.startsWith("VmRSS:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                        .sum()
                * BYTES_PER_KIB;
    }

    /// Processor time that a process has used, in nanoseconds, in steps of 10 ms.
    static long cpuNanos(long pid) {
        String stat = read(Path.of("/proc", Long.toString(pid), "stat"));
        // The name of the program may hold blanks and brackets.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        long ticks = Long.parseLong(fields[USER_FIELD]) + Long.parseLong(fields[USER_FIELD + 1]);
        return ticks * NANOS_PER_TICK;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
