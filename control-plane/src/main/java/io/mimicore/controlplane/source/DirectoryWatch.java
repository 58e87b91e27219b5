package io.mimicore.controlplane.source;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells that something has happened in some directories, where the system tells it; never what.
///
/// A hint only: file systems of containers and networks lose events or have none, so whoever uses
/// this also looks by itself from time to time. [#watch] belongs to one thread; a virtual thread of
/// this object runs the signal.
final class DirectoryWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DirectoryWatch.class);

    private final Runnable signal;
    private final Map<Path, Registration> registrations = new HashMap<>();
    private @Nullable WatchService service;

    private DirectoryWatch(Runnable signal) {
        this.signal = signal;
    }

    /// Starts to wait for events of the directories that [#watch] will name.
    static DirectoryWatch start(Path directory, Runnable signal) {
        var watch = new DirectoryWatch(signal);
        try {
            WatchService service = directory.getFileSystem().newWatchService();
            watch.service = service;
            Thread.ofVirtual().name("directory-watch").start(() -> watch.run(service));
        } catch (IOException | UnsupportedOperationException e) {
            log.info(
                    "no file events, looking once a second directory={} cause={}",
                    directory,
                    e.toString());
        }
        return watch;
    }

    /// Watches exactly these directories from now on, each as it is there now: a directory that was
    /// replaced by another one of its name is registered anew.
    ///
    /// @return whether all of them are watched
    boolean watch(Set<Path> directories) {
        WatchService current = service;
        if (current == null) {
            return false;
        }
        registrations
                .entrySet()
                .removeIf(entry -> {
                    boolean unwanted = !directories.contains(entry.getKey());
                    if (unwanted) {
                        entry.getValue().key.cancel();
                    }
                    return unwanted;
                });
        boolean all = true;
        for (Path directory : directories) {
            all &= register(current, directory);
        }
        return all;
    }

    private boolean register(WatchService current, Path directory) {
        try {
            Object fileKey = Files.readAttributes(directory, BasicFileAttributes.class).fileKey();
            Registration known = registrations.get(directory);
            if (known != null
                    && known.key.isValid()
                    && java.util.Objects.equals(known.fileKey, fileKey)) {
                return true;
            }
            if (known != null) {
                known.key.cancel();
            }
            WatchKey key =
                    directory.register(
                            current,
                            StandardWatchEventKinds.ENTRY_CREATE,
                            StandardWatchEventKinds.ENTRY_MODIFY,
                            StandardWatchEventKinds.ENTRY_DELETE);
            registrations.put(directory, new Registration(key, fileKey));
            return true;
        } catch (IOException | ClosedWatchServiceException e) {
            registrations.remove(directory);
            return false;
        }
    }

    private void run(WatchService current) {
        try {
            while (true) {
                WatchKey key = current.take();
                key.pollEvents();
                key.reset();
                signal.run();
            }
        } catch (ClosedWatchServiceException _) {
            // Closed.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        try {
            if (service != null) {
                service.close();
            }
        } catch (IOException e) {
            log.warn("closing a file watch failed", e);
        }
    }

    private record Registration(WatchKey key, @Nullable Object fileKey) {}
}
