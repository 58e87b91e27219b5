package io.mimicore.testkit.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/// What a process has printed, the last [#CHARS_MAX] characters of it. Thread-safe.
///
/// Every line is read as it comes, so a process that prints much never waits for its reader.
public final class Transcript {
    private static final int CHARS_MAX = 1 << 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition more = lock.newCondition();
    private final Deque<String> lines = new ArrayDeque<>();
    private final Thread reader;
    private int chars;
    private boolean ended;

    private Transcript(String name, InputStream in) {
        reader = Thread.ofVirtual().name(name).start(() -> read(in));
    }

    /// Reads `in` to its end on a thread of its own.
    static Transcript of(String name, InputStream in) {
        return new Transcript(name, in);
    }

    /// Everything that is kept, each line with its `\n`.
    public String text() {
        lock.lock();
        try {
            var text = new StringBuilder(chars);
            lines.forEach(line -> text.append(line).append('\n'));
            return text.toString();
        } finally {
            lock.unlock();
        }
    }

    /// The first kept line with this beginning.
    public Optional<String> line(String prefix) {
        lock.lock();
        try {
            return lines.stream().filter(line -> line.startsWith(prefix)).findFirst();
        } finally {
            lock.unlock();
        }
    }

    /// Waits for a line with this beginning.
    ///
    /// @return empty when the output ends, or `patience` does, without one
    public Optional<String> awaitLine(String prefix, Duration patience) {
        return await(line -> line.startsWith(prefix), patience);
    }

    /// Waits for a line that holds this text.
    ///
    /// @return empty when the output ends, or `patience` does, without one
    public Optional<String> awaitText(String part, Duration patience) {
        return await(line -> line.contains(part), patience);
    }

    /// How many kept lines hold the text.
    public long count(String part) {
        lock.lock();
        try {
            return lines.stream().filter(line -> line.contains(part)).count();
        } finally {
            lock.unlock();
        }
    }

    /// Waits for the end of the output, which comes when the process has ended.
    void awaitEnd() throws InterruptedException {
        reader.join();
    }

    private Optional<String> await(Predicate<String> wanted, Duration patience) {
        long left = patience.toNanos();
        lock.lock();
        try {
            while (true) {
                Optional<String> found = lines.stream().filter(wanted).findFirst();
                if (found.isPresent() || ended || left <= 0) {
                    return found;
                }
                left = more.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while output was awaited", e);
        } finally {
            lock.unlock();
        }
    }

    private void read(InputStream in) {
        try (var text = new BufferedReader(new InputStreamReader(in, UTF_8))) {
            String line = text.readLine();
            while (line != null) {
                add(line);
                line = text.readLine();
            }
        } catch (IOException | UncheckedIOException _) {
            // The process was killed while a line was read: there is no more to come.
        } finally {
            end();
        }
    }

    private void add(String line) {
        lock.lock();
        try {
            lines.addLast(line);
            chars += line.length() + 1;
            while (chars > CHARS_MAX) {
                chars -= lines.removeFirst().length() + 1;
            }
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void end() {
        lock.lock();
        try {
            ended = true;
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
