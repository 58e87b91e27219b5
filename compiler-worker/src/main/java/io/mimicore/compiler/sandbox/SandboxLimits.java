package io.mimicore.compiler.sandbox;

import java.time.Duration;

/// Bounds on one command and everything it starts.
///
/// @param wallTime from start to kill
/// @param cpuSeconds processor time of any one process, 1..86_400
/// @param memoryMib address space of any one process, in MiB; Go's compiler needs about 300
/// @param fileMib the largest file it may write, in MiB
/// @param processes processes at a time, counted every [BuildSandbox#LOOK_MILLIS]; where namespaces
///   are allowed and the worker is not root, Linux keeps to it by itself and counts threads too
/// @param outputBytes of standard output and of standard error; the rest is dropped
public record SandboxLimits(
        Duration wallTime,
        int cpuSeconds,
        int memoryMib,
        int fileMib,
        int processes,
        int outputBytes) {
    /// What the compiler of one program gets.
    ///
    /// Measured with Go 1.26: a program that imports `net/http` and `encoding/json` builds in 0.5 s
    /// with 0.6 s of processor time once the standard library is in the cache; 1 GiB of address
    /// space is enough, so twice that is allowed.
    public static final SandboxLimits COMPILE =
            new SandboxLimits(Duration.ofSeconds(60), 60, 2_048, 256, 1_024, 64 * 1024);

    /// What compiling the standard library for the first time gets: 25 to 45 s were measured on two
    /// busy cores.
    public static final SandboxLimits PREPARE =
            new SandboxLimits(Duration.ofMinutes(10), 600, 2_048, 256, 1_024, 64 * 1024);

    public SandboxLimits {
        if (!wallTime.isPositive()) {
            throw new IllegalArgumentException("wallTime: " + wallTime + " (expected: > 0)");
        }
        requirePositive("cpuSeconds", cpuSeconds);
        requirePositive("memoryMib", memoryMib);
        requirePositive("fileMib", fileMib);
        requirePositive("processes", processes);
        requirePositive("outputBytes", outputBytes);
    }

    /// The same with another wall time.
    public SandboxLimits withWallTime(Duration other) {
        return new SandboxLimits(other, cpuSeconds, memoryMib, fileMib, processes, outputBytes);
    }

    /// The same with another address space, in MiB.
    public SandboxLimits withMemoryMib(int other) {
        return new SandboxLimits(wallTime, cpuSeconds, other, fileMib, processes, outputBytes);
    }

    /// The same with another processor time, in seconds.
    public SandboxLimits withCpuSeconds(int other) {
        return new SandboxLimits(wallTime, other, memoryMib, fileMib, processes, outputBytes);
    }

    /// The same with another number of processes.
    public SandboxLimits withProcesses(int other) {
        return new SandboxLimits(wallTime, cpuSeconds, memoryMib, fileMib, other, outputBytes);
    }

    /// The same with another bound on output.
    public SandboxLimits withOutputBytes(int other) {
        return new SandboxLimits(wallTime, cpuSeconds, memoryMib, fileMib, processes, other);
    }

    private static void requirePositive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
        }
    }
}
