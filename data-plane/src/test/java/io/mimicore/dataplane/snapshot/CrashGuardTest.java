package io.mimicore.dataplane.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.limit.ManualTicker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A run of the node that ends without [CrashGuard#stopped] is one that crashed.
final class CrashGuardTest {
    private final ManualTicker ticker = new ManualTicker();

    @TempDir Path directory;

    @Test
    void start_firstRun_suspectsNothing() {
        assertThat(run().poison()).isZero();
    }

    @Test
    void start_oneCrash_isNoPoison() {
        run().activating(5);

        assertThat(run().poison()).isZero();
    }

    @Test
    void start_twoCrashesSoonAfterActivation_isPoison() {
        run().activating(5);
        run().activating(5);

        assertThat(run().poison()).isEqualTo(5);
    }

    @Test
    void start_twoCrashesWhilePreparing_isPoison() {
        run().preparing(5);
        run().preparing(5);

        assertThat(run().poison()).isEqualTo(5);
    }

    @Test
    void start_crashWhilePreparingAndOneAfterActivation_isPoison() {
        run().preparing(5);
        CrashGuard second = run();
        second.preparing(5);
        second.prepared();
        second.activating(5);

        assertThat(run().poison()).isEqualTo(5);
    }

    @Test
    void start_crashAfterPreparationEnded_suspectsNothing() {
        for (int i = 0; i < 3; i++) {
            CrashGuard guard = run();
            guard.preparing(5);
            guard.prepared();
        }

        assertThat(run().poison()).isZero();
    }

    @Test
    void start_stopsInGoodOrder_startsTheCountAnew() {
        run().activating(5);
        CrashGuard stopped = run();
        stopped.activating(5);
        stopped.stopped();
        run().activating(5);

        assertThat(run().poison()).isZero();
    }

    @Test
    void start_crashesAfterAMinute_suspectNothing() {
        for (int i = 0; i < 3; i++) {
            CrashGuard guard = run();
            guard.activating(5);
            ticker.advance(CrashGuard.YOUNG.toNanos());
            guard.checkAge();
        }

        assertThat(run().poison()).isZero();
    }

    @Test
    void start_crashesWithinAMinute_suspectThoughAgeWasChecked() {
        for (int i = 0; i < 2; i++) {
            CrashGuard guard = run();
            guard.activating(5);
            ticker.advance(CrashGuard.YOUNG.toNanos() - 1);
            guard.checkAge();
        }

        assertThat(run().poison()).isEqualTo(5);
    }

    @Test
    void start_crashesOfDifferentVersions_countApart() {
        run().activating(5);
        run().activating(6);
        run().activating(7);

        assertThat(run().poison()).isZero();
    }

    @Test
    void start_youngAndPreparing_countBoth() {
        for (int i = 0; i < 2; i++) {
            CrashGuard guard = run();
            guard.activating(5);
            guard.preparing(6);
        }

        // Either may be the one; the node goes on with neither.
        assertThat(run().poison()).isEqualTo(6);
    }

    @Test
    void poison_outlivesRestarts() {
        run().activating(5);
        run().activating(5);
        run().stopped();

        assertThat(run().poison()).isEqualTo(5);
    }

    @Test
    void poison_newerVersionProvesItself_isForgotten() {
        run().activating(5);
        run().activating(5);
        CrashGuard guard = run();
        guard.activating(4);
        ticker.advance(CrashGuard.YOUNG.toNanos());
        guard.checkAge();
        assertThat(guard.poison()).isEqualTo(5);

        guard.activating(6);
        ticker.advance(CrashGuard.YOUNG.toNanos());
        guard.checkAge();

        assertThat(guard.poison()).isZero();
        assertThat(run().poison()).isZero();
    }

    @Test
    void youngNanos_countsDownOnceActivated() {
        CrashGuard guard = run();
        assertThat(guard.youngNanos()).isEqualTo(Long.MAX_VALUE);

        guard.activating(5);
        ticker.advance(1_000);
        assertThat(guard.youngNanos()).isEqualTo(CrashGuard.YOUNG.toNanos() - 1_000);

        ticker.advance(CrashGuard.YOUNG.toNanos());
        assertThat(guard.youngNanos()).isZero();
        guard.checkAge();
        assertThat(guard.youngNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void start_unreadableFiles_suspectsNothing() throws IOException {
        Files.writeString(directory.resolve("young.version"), "5 one\nx\n\n7 1 2\n");
        Files.write(directory.resolve("poison.version"), new byte[] {(byte) 0xff, 0});

        assertThat(run().poison()).isZero();
    }

    @Test
    void activating_diskFails_goesOn() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        var guard = new CrashGuard(file, ticker);
        guard.start();

        guard.preparing(5);
        guard.activating(5);
        guard.stopped();

        assertThat(guard.poison()).isZero();
    }

    /// Starts a run as the process does.
    private CrashGuard run() {
        var guard = new CrashGuard(directory, ticker);
        guard.start();
        return guard;
    }
}
