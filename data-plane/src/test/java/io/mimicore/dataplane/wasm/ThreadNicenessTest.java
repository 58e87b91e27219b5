package io.mimicore.dataplane.wasm;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class ThreadNicenessTest {
    /// Position of the nice value after the name, proc_pid_stat(5).
    private static final int NICE_FIELD = 16;

    @Test
    void set_onOneThread_leavesTheOthersAsTheyAre() throws Exception {
        int before = niceOf(Path.of("/proc/thread-self"));
        var task =
                new FutureTask<>(() -> {
                    assertThat(ThreadNiceness.set(7)).isTrue();
                    return niceOf(Path.of("/proc/thread-self"));
                });

        Thread.ofPlatform().start(task).join();

        assertThat(task.get()).isEqualTo(7);
        assertThat(niceOf(Path.of("/proc/thread-self"))).isEqualTo(before);
    }

    @Test
    void set_outOfRange_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ThreadNiceness.set(20))
                .withMessage("nice: 20 (expected: 0..19)");
    }

    /// Code that never waits would otherwise keep an event loop waiting for its share of the time.
    @Test
    void start_runners_stepBackAndTheirWatchDoesNot() throws Exception {
        try (Runners _ = Runners.start(1, System::nanoTime)) {
            eventually(
                    Duration.ofSeconds(30),
                    () ->
                            assertThat(niceOfThreads("wasm-0"))
                                    .isNotEmpty()
                                    .containsOnly(Runners.NICE));
            assertThat(niceOfThreads("wasm-deadlines")).isNotEmpty().containsOnly(0);
        }
    }

    private static List<Integer> niceOfThreads(String name) throws IOException {
        List<Integer> found = new ArrayList<>();
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path thread : threads) {
                if (Files.readString(thread.resolve("comm")).strip().equals(name)) {
                    found.add(niceOf(thread));
                }
            }
        }
        return found;
    }

    private static int niceOf(Path thread) throws IOException {
        String stat = Files.readString(thread.resolve("stat"));
        return Integer.parseInt(
                stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[NICE_FIELD]);
    }
}
