package io.mimicore.benchmarks.fleet;

import io.mimicore.proto.snapshot.v1.ControlMessage;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;

/// The offers that one node was sent, a file for each version. Thread-safe.
final class RecordedOffers implements Consumer<ControlMessage> {
    private final Path directory;
    private final SortedSet<Long> versions = new TreeSet<>();

    RecordedOffers(Path directory) throws IOException {
        this.directory = Files.createDirectories(directory);
    }

    @Override
    public synchronized void accept(ControlMessage message) {
        if (!message.hasOffer()) {
            return;
        }
        long version = message.getOffer().getVersion();
        versions.add(version);
        try (OutputStream out =
                Files.newOutputStream(
                        file(version), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            message.writeDelimitedTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    synchronized SortedSet<Long> versions() {
        return new TreeSet<>(versions);
    }

    Path file(long version) {
        return directory.resolve(version + ".messages");
    }
}
