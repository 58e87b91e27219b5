package io.mimicore.benchmarks.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Processor time in seconds, as Linux counts it in steps of 10 ms.
///
/// @param user seconds in user mode
/// @param system seconds in the kernel
/// @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html">proc_pid_stat(5)</a>
record CpuTimes(double user, double system) {
    private static final double TICKS_PER_SECOND = 100;
    private static final int USER_FIELD = 11;
    private static final int SYSTEM_FIELD = 12;

    /// What a process and the processes it has started have used so far.
    static CpuTimes of(ProcessHandle process) {
        CpuTimes sum = ofOne(process.pid());
        for (ProcessHandle child : process.descendants().toList()) {
            sum = sum.plus(ofOne(child.pid()));
        }
        return sum;
    }

    /// What all processes have used that this one started, waited for, and saw end.
    static CpuTimes ofEndedChildren() {
        String[] fields = fields(read(Path.of("/proc/self/stat")));
        return new CpuTimes(
                Long.parseLong(fields[USER_FIELD + 2]) / TICKS_PER_SECOND,
                Long.parseLong(fields[SYSTEM_FIELD + 2]) / TICKS_PER_SECOND);
    }

    /// What the whole machine has used so far, interrupts included.
    static CpuTimes ofMachine() {
        String[] fields =
                read(Path.of("/proc/stat")).lines().findFirst().orElse("").split(" +", -1);
        // cpu user nice system idle iowait irq softirq steal
        double user = Double.parseDouble(fields[1]) + Double.parseDouble(fields[2]);
        double system =
                Double.parseDouble(fields[3])
                        + Double.parseDouble(fields[6])
                        + Double.parseDouble(fields[7]);
        return new CpuTimes(user / TICKS_PER_SECOND, system / TICKS_PER_SECOND);
    }

    double total() {
        return user + system;
    }

    CpuTimes plus(CpuTimes other) {
        return new CpuTimes(user + other.user, system + other.system);
    }

    CpuTimes minus(CpuTimes earlier) {
        return new CpuTimes(user - earlier.user, system - earlier.system);
    }

    private static CpuTimes ofOne(long pid) {
        String stat;
        try {
            stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"), UTF_8);
        } catch (IOException _) {
            // It has ended; what it used is counted for its parent when that waits for it.
            return new CpuTimes(0, 0);
        }
        String[] fields = fields(stat);
        return new CpuTimes(
                Long.parseLong(fields[USER_FIELD]) / TICKS_PER_SECOND,
                Long.parseLong(fields[SYSTEM_FIELD]) / TICKS_PER_SECOND);
    }

    /// The name of the program may hold blanks and brackets: fields are counted from behind it.
    private static String[] fields(String stat) {
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
