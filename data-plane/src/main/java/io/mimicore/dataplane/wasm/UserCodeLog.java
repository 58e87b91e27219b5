package io.mimicore.dataplane.wasm;

import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// The log of one API's user code: at most [#LINES_PER_SECOND] lines a second, each cut to
/// [#LINE_CHARS_MAX] characters and free of control characters. Thread-safe.
final class UserCodeLog {
    /// Lines in any one second.
    static final int LINES_PER_SECOND = 100;

    /// Characters of one line.
    static final int LINE_CHARS_MAX = 1_000;

    private static final long SECOND_NANOS = 1_000_000_000L;

    private final Consumer<String> sink;
    private final LongSupplier nanoTime;

    private long secondStart;
    private int written;
    private long dropped;

    /// @param sink takes the lines
    /// @param nanoTime in nanoseconds from any origin
    UserCodeLog(Consumer<String> sink, LongSupplier nanoTime) {
        this.sink = sink;
        this.nanoTime = nanoTime;
        this.secondStart = nanoTime.getAsLong();
    }

    /// Logs what a call wrote, and says when lines are missing.
    void write(GuestOutput output) {
        if (output.isEmpty()) {
            return;
        }
        for (String line : output.lines()) {
            if (!line.isBlank()) {
                write(line);
            }
        }
        if (output.isCut()) {
            write("(the rest of what this call wrote was dropped)");
        }
    }

    private void write(String line) {
        long missing;
        synchronized (this) {
            long now = nanoTime.getAsLong();
            if (now - secondStart >= SECOND_NANOS) {
                secondStart = now;
                written = 0;
            }
            if (written >= LINES_PER_SECOND) {
                dropped++;
                return;
            }
            written++;
            missing = dropped;
            dropped = 0;
        }
        if (missing > 0) {
            sink.accept(
                    "("
                            + missing
                            + " lines were dropped: more than "
                            + LINES_PER_SECOND
                            + " a second)");
        }
        sink.accept(clean(line));
    }

    /// A text that cannot pretend to be another line of the log or steer a terminal.
    static String clean(String line) {
        var cleaned = new StringBuilder(Math.min(line.length(), LINE_CHARS_MAX));
        for (int i = 0; i < line.length() && cleaned.length() < LINE_CHARS_MAX; i++) {
            char c = line.charAt(i);
            switch (Character.getType(c)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR ->
                        cleaned.append(c == '\t' ? ' ' : '?');
                default -> cleaned.append(c);
            }
        }
        return line.length() > LINE_CHARS_MAX ? cleaned + "…" : cleaned.toString();
    }
}
