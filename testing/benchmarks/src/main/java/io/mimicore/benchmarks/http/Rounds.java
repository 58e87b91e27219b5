package io.mimicore.benchmarks.http;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Puts servers under the same load in turn, the order reversed every round.
///
/// A sample during which something else used much of the machine is taken anew, a few times at
/// most, so figures of one run can be compared although the machine is shared.
final class Rounds {
    private static final int WARM_SECONDS = 1;
    private static final int ATTEMPTS_MAX = 4;

    /// Samples that a whole run takes anew for noise; then it takes what it gets.
    private static final int REPEATS_MAX = 16;

    private static final int QUIET_WAIT_SECONDS_MAX = 5;

    private final Wrk load;
    private final int rounds;
    private final int seconds;
    private final PrintStream progress;
    private final List<ProcessHandle> background;
    private int repeatsLeft = REPEATS_MAX;

    Rounds(Wrk load, int rounds, int seconds, PrintStream progress) {
        this(load, rounds, seconds, progress, List.of());
    }

    /// @param background what the servers need to answer: no noise, though it uses the machine
    Rounds(
            Wrk load,
            int rounds,
            int seconds,
            PrintStream progress,
            List<ProcessHandle> background) {
        this.load = load;
        this.rounds = rounds;
        this.seconds = seconds;
        this.progress = progress;
        this.background = List.copyOf(background);
    }

    /// Lets a virtual machine compile what it serves with.
    void warm(List<Contender> contenders, int warmSeconds) {
        for (Contender contender : contenders) {
            load.run(contender.target(), contender.host(), warmSeconds);
        }
    }

    /// The samples of each server, in the order of `contenders`.
    Map<Contender, List<Sample>> run(List<Contender> contenders) {
        Map<Contender, List<Sample>> samples = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (Contender contender : round % 2 == 0 ? contenders : contenders.reversed()) {
                Sample sample = clean(contender);
                samples.computeIfAbsent(contender, _ -> new ArrayList<>()).add(sample);
                print(round, contender, sample);
            }
        }
        return samples;
    }

    private Sample clean(Contender contender) {
        Sample best = sample(contender);
        for (int attempt = 1; attempt < ATTEMPTS_MAX && mustRepeat(best); attempt++) {
            awaitQuiet();
            Sample next = sample(contender);
            if (next.otherSeconds() < best.otherSeconds()) {
                best = next;
            }
        }
        return best;
    }

    private boolean mustRepeat(Sample sample) {
        return sample.isNoisy(seconds) && repeatsLeft > 0;
    }

    private Sample sample(Contender contender) {
        load.run(contender.target(), contender.host(), WARM_SECONDS);
        CpuTimes serverBefore = CpuTimes.of(contender.process());
        CpuTimes backgroundBefore = backgroundTimes();
        CpuTimes machineBefore = CpuTimes.ofMachine();
        Wrk.Result result = load.run(contender.target(), contender.host(), seconds);
        CpuTimes server = CpuTimes.of(contender.process()).minus(serverBefore);
        CpuTimes machine = CpuTimes.ofMachine().minus(machineBefore);
        CpuTimes behind = backgroundTimes().minus(backgroundBefore);
        double other = machine.total() - server.total() - behind.total() - result.cpu().total();
        return new Sample(result, server, Math.max(0, other));
    }

    private CpuTimes backgroundTimes() {
        CpuTimes sum = new CpuTimes(0, 0);
        for (ProcessHandle process : background) {
            sum = sum.plus(CpuTimes.of(process));
        }
        return sum;
    }

    private void awaitQuiet() {
        repeatsLeft--;
        for (int i = 0; i < QUIET_WAIT_SECONDS_MAX; i++) {
            CpuTimes before = CpuTimes.ofMachine();
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
            if (CpuTimes.ofMachine().minus(before).total() < Sample.NOISE_MAX) {
                return;
            }
        }
    }

    private void print(int round, Contender contender, Sample sample) {
        progress.printf(
                Locale.ROOT,
                "round %d  %-28s %9.0f req/s  p50 %6.0f us  p99 %6.0f us  %6.2f s/M (user %5.2f)"
                        + "  others %.2f s %s%n",
                round + 1,
                contender.name(),
                sample.perSecond(),
                sample.load().latency().p50Micros(),
                sample.load().latency().p99Micros(),
                sample.cpuPerMillion(),
                sample.userPerMillion(),
                sample.otherSeconds(),
                sample.load().failures());
    }
}
