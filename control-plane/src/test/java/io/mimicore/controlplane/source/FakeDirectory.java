package io.mimicore.controlplane.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A directory in memory whose files can change while they are read.
final class FakeDirectory implements DirectoryFiles {
    private final Map<String, Content> contents = new TreeMap<>();
    private @Nullable IOException failure;
    private @Nullable Runnable whileReading;
    private int reads;

    /// Writes a file.
    void write(String name, String text, Instant modified) {
        contents.put(name, new Content(text.getBytes(UTF_8), modified, null));
    }

    /// Makes a file that cannot be read.
    void deny(String name, Instant modified) {
        contents.put(name, new Content(new byte[0], modified, new IOException("denied")));
    }

    void remove(String name) {
        contents.remove(name);
    }

    /// Fails every listing from now on; absent: no more.
    void fail(@Nullable IOException cause) {
        failure = cause;
    }

    /// Runs something in the middle of the next read.
    void whileReading(Runnable action) {
        whileReading = action;
    }

    /// How many files were read.
    int reads() {
        return reads;
    }

    @Override
    public List<String> names() throws IOException {
        if (failure != null) {
            throw failure;
        }
        return List.copyOf(contents.keySet());
    }

    @Override
    public @Nullable FileStamp stamp(String path) {
        Content content = contents.get(path);
        return content == null ? null : new FileStamp(content.bytes.length, content.modified, null);
    }

    @Override
    public byte[] read(String path, int bytesMax) throws IOException {
        reads++;
        Content content = contents.get(path);
        if (content == null) {
            throw new NoSuchFileException(path);
        }
        if (content.failure != null) {
            throw content.failure;
        }
        Runnable action = whileReading;
        whileReading = null;
        if (action != null) {
            action.run();
        }
        return Arrays.copyOf(content.bytes, Math.min(bytesMax, content.bytes.length));
    }

    private record Content(byte[] bytes, Instant modified, @Nullable IOException failure) {}
}
