package io.mimicore.cli;

import io.mimicore.store.StoreException;
import java.io.IOException;
import java.io.PrintWriter;
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

    /// Starts what runs.
    @FunctionalInterface
    interface Start {
        /// Starts it; what is kept in `parts` is closed at the end, or at once if this fails.
        ///
        /// @return what the ready line says
        String start(Parts parts) throws IOException, InterruptedException;
    }

    /// Starts a role, prints its ready line, and runs it until it is asked to stop.
    ///
    /// @param stopSecondsMax how long the JVM waits for the end when it ends in another way
    /// @return the exit code
    /// @throws CommandFailure if it cannot be started, with what to do; nothing is left running
    static int run(PrintWriter out, long stopSecondsMax, Start start) throws InterruptedException {
        try (RunningRole role = begin(stopSecondsMax)) {
            try (Parts parts = new Parts()) {
                String ready = start.start(parts);
                role.started();
                out.println("mimicore ready " + ready);
                out.flush();
                role.awaitStop();
            } catch (IOException | StoreException e) {
                throw new CommandFailure(ExitCode.REFUSED, String.valueOf(e.getMessage()), e);
            } catch (InterruptedException e) {
                // Told to end: the parts have been closed on the way out.
                if (!role.isStopAsked()) {
                    throw e;
                }
            }
        }
        return ExitCode.DONE;
    }

    /// Listens to signals from now on.
    ///
    /// @param stopSecondsMax how long the JVM waits for the end when it ends in another way
    private static RunningRole begin(long stopSecondsMax) {
        var role = new RunningRole();
        StopSignals.handle(role::stop);
        Runtime.getRuntime()
                .addShutdownHook(
                        Thread.ofPlatform().unstarted(() -> role.stopAndWait(stopSecondsMax)));
        return role;
    }

    /// Says that it has started: from now on a stop interrupts nobody, for the one who is
    /// interrupted could not wait for running requests.
    private synchronized void started() throws InterruptedException {
        starting = false;
        if (Thread.interrupted()) {
            throw new InterruptedException("asked to stop while starting");
        }
    }

    private void awaitStop() throws InterruptedException {
        stopAsked.await();
    }

    private boolean isStopAsked() {
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
