package io.mimicore.cli;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a process has started, closed in the opposite order. Not thread-safe.
final class Parts implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Parts.class);

    private final Deque<AutoCloseable> started = new ArrayDeque<>();

    <T extends AutoCloseable> T keep(T part) {
        started.push(part);
        return part;
    }

    @Override
    @SuppressWarnings("IllegalCatch") // every part is closed, whatever closing another throws
    public void close() {
        List<String> failures = new ArrayList<>();
        while (!started.isEmpty()) {
            try {
                started.pop().close();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                failures.add(e.toString());
            }
        }
        failures.forEach(failure -> log.warn("closing: {}", failure));
    }
}
