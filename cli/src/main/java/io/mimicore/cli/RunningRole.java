package io.mimicore.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The life of a role's process: it starts on the thread that made this, runs until it is asked to
/// stop, and stops on that thread. Thread-safe.
final class RunningRole implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RunningRole.class);

    private final Thread runner = Thread.currentThread();
    private final CountDownLatch stopAsked = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private boolean starting = true;

    private RunningRole() {}

    /// Listens to signals from now on.
    ///
    /// @param stopSecondsMax how long the JVM waits for the end when it ends in another way
    static RunningRole begin(long stopSecondsMax) {
        var role = new RunningRole();
        StopSignals.handle(role::stop);
        Runtime.getRuntime()
                .addShutdownHook(
                        Thread.ofPlatform().unstarted(() -> role.stopAndWait(stopSecondsMax)));
        return role;
    }

    /// Says that it has started: from now on a stop interrupts nobody, for the one who is
    /// interrupted could not wait for running requests.
    synchronized void started() throws InterruptedException {
        starting = false;
        if (Thread.interrupted()) {
            throw new InterruptedException("asked to stop while starting");
        }
    }

    void awaitStop() throws InterruptedException {
        stopAsked.await();
    }

    boolean isStopAsked() {
        return stopAsked.getCount() == 0;
    }

    @Override
    public void close() {
        ended.countDown();
    }

    private synchronized void stop() {
        stopAsked.countDown();
        if (starting) {
            runner.interrupt();
        }
    }

    private void stopAndWait(long seconds) {
        stop();
        try {
            if (!ended.await(seconds, TimeUnit.SECONDS)) {
                log.warn("not everything could be closed within {} s", seconds);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
