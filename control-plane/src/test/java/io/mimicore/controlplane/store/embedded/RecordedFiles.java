package io.mimicore.controlplane.store.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.h2.store.fs.FileBaseDefault;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;
import org.jspecify.annotations.Nullable;

/// A file system of MVStore that remembers what is done to its one file, so that the file can be
/// had as a crash of the machine at any moment would have left it.
public final class RecordedFiles extends FilePathWrapper {
    static final String SCHEME = "recorded";

    private static final List<Event> EVENTS = Collections.synchronizedList(new ArrayList<>());

    /// Made by MVStore, by name.
    public RecordedFiles() {}

    /// One thing that was done.
    private sealed interface Event {
        record Write(long position, byte[] bytes) implements Event {}

        record Truncate(long size) implements Event {}

        record Force() implements Event {}

        /// Not done to the file: so many transactions are acknowledged.
        record Acknowledged(int transactions) implements Event {}
    }

    /// A file after a crash.
    record Image(byte[] content, int acknowledged) {}

    static void begin() {
        FilePath.register(new RecordedFiles());
        EVENTS.clear();
    }

    static void acknowledged(int transactions) {
        EVENTS.add(new Event.Acknowledged(transactions));
    }

    /// The file after a crash at a random moment: of what was written since the last force, any
    /// part has reached the disk, and the last of it may be torn.
    static Image crash(Random random) {
        List<Event> events = List.copyOf(EVENTS);
        // A store that is not there yet is none to recover.
        int from = indexOfAcknowledged(events, 1);
        int until = from + random.nextInt(events.size() - from);
        int forced = 0;
        int acknowledged = 0;
        for (int i = 0; i < until; i++) {
            if (events.get(i) instanceof Event.Force) {
                forced = i;
            } else if (events.get(i) instanceof Event.Acknowledged seen) {
                acknowledged = seen.transactions();
            }
        }
        byte[] content = new byte[0];
        for (int i = 0; i < until; i++) {
            if (i < forced || random.nextBoolean()) {
                content = apply(content, events.get(i), i >= forced ? random : null);
            }
        }
        return new Image(content, acknowledged);
    }

    private static int indexOfAcknowledged(List<Event> events, int transactions) {
        return events.indexOf(new Event.Acknowledged(transactions));
    }

    private static byte[] apply(byte[] content, Event event, @Nullable Random torn) {
        return switch (event) {
            case Event.Write write -> {
                int length = write.bytes().length;
                if (torn != null && torn.nextInt(3) == 0) {
                    length = torn.nextInt(length + 1);
                }
                int end = Math.toIntExact(write.position() + length);
                byte[] next = Arrays.copyOf(content, Math.max(content.length, end));
                System.arraycopy(write.bytes(), 0, next, (int) write.position(), length);
                yield next;
            }
            case Event.Truncate truncate ->
                    truncate.size() < content.length
                            ? Arrays.copyOf(content, (int) truncate.size())
                            : content;
            case Event.Force _, Event.Acknowledged _ -> content;
        };
    }

    @Override
    public String getScheme() {
        return SCHEME;
    }

    @Override
    public FileChannel open(String mode) throws IOException {
        return new Channel(getBase().open(mode));
    }

    private static final class Channel extends FileBaseDefault {
        private final FileChannel file;

        Channel(FileChannel file) {
            this.file = file;
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public synchronized int read(ByteBuffer target, long position) throws IOException {
            return file.read(target, position);
        }

        @Override
        public synchronized int write(ByteBuffer source, long position) throws IOException {
            byte[] bytes = new byte[source.remaining()];
            source.duplicate().get(bytes);
            EVENTS.add(new Event.Write(position, bytes));
            return file.write(source, position);
        }

        @Override
        public void force(boolean metadata) throws IOException {
            file.force(metadata);
            EVENTS.add(new Event.Force());
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) throws IOException {
            return file.tryLock(position, size, shared);
        }

        @Override
        protected void implTruncate(long size) throws IOException {
            EVENTS.add(new Event.Truncate(size));
            file.truncate(size);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            file.close();
        }
    }
}
