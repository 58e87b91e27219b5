package io.mimicore.benchmarks.http;

/// One server under load for some seconds.
///
/// @param cpu what the server used meanwhile
/// @param otherSeconds what everything but the server and the generator used: noise
record Sample(Wrk.Result load, CpuTimes cpu, double otherSeconds) {
    private static final double MILLION = 1e6;

    /// Seconds that others may use in a second of a clean sample.
    static final double NOISE_MAX = 0.12;

    boolean isNoisy(int seconds) {
        return otherSeconds > NOISE_MAX * seconds;
    }

    double perSecond() {
        return load.perSecond();
    }

    /// Seconds of processor for a million requests.
    double cpuPerMillion() {
        return cpu.total() / load.requests() * MILLION;
    }

    /// Seconds of processor in user mode for a million requests: the server's own code.
    double userPerMillion() {
        return cpu.user() / load.requests() * MILLION;
    }
}
