package io.mimicore.controlplane.retention;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// Lets one of several actors run at a time and picks who is next by a seed, so that an
/// interleaving can be had again.
final class Baton {
    /// How long the others may be held up.
    private static final int STEPS_MAX = 80;

    private final Random random;
    private final List<Semaphore> waiting = new ArrayList<>();
    private final List<Integer> alive = new ArrayList<>();
    private final ThreadLocal<@Nullable Integer> self = new ThreadLocal<>();
    private int next;
    private int steps;

    Baton(long seed) {
        this.random = new Random(seed);
    }

    /// Runs the actors to their ends.
    void run(List<Callable<Void>> actors) throws Exception {
        for (int i = 0; i < actors.size(); i++) {
            waiting.add(new Semaphore(0));
            alive.add(i);
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < actors.size(); i++) {
                int number = i;
                running.add(
                        threads.submit(() -> {
                            self.set(number);
                            waiting.get(number).acquire();
                            try {
                                return actors.get(number).call();
                            } finally {
                                alive.removeIf(actor -> actor == number);
                                pass();
                            }
                        }));
            }
            pass();
            for (Future<?> actor : running) {
                actor.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /// Where an actor may be held up for as long as the others like; outside of actors nothing.
    void step() {
        Integer number = self.get();
        if (number != null) {
            pass();
            waiting.get(number).acquireUninterruptibly();
        }
    }

    private void pass() {
        if (alive.isEmpty()) {
            return;
        }
        if (steps-- <= 0 || !alive.contains(next)) {
            next = alive.get(random.nextInt(alive.size()));
            // Often the other one at once, now and then none of it for very long.
            steps = random.nextInt(4) == 0 ? random.nextInt(STEPS_MAX) : 0;
        }
        waiting.get(next).release();
    }
}
