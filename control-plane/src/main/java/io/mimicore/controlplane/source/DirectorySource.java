package io.mimicore.controlplane.source;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Watches one directory of config files and tells what changes.
///
/// Looks at once when the system reports an event, and by itself every [#POLL_WATCHED] where that
/// works or every [#POLL_UNWATCHED] where not, because events get lost (network file systems, bind
/// mounts, full queues). Top level only.
///
/// One virtual thread looks, reads and calls the listener, which may block it; the public methods
/// may be called by any thread.
public final class DirectorySource implements AutoCloseable {
    /// Time between two looks where the system tells about changes.
    public static final Duration POLL_WATCHED = Duration.ofSeconds(5);

    /// Time between two looks where it does not.
    public static final Duration POLL_UNWATCHED = Duration.ofSeconds(1);

    /// Looks are at least this far apart, however many events come: a big save makes thousands.
    private static final Duration LOOK_INTERVAL_MIN = Duration.ofMillis(5);

    private final SourceId id;
    private final Path directory;
    private final DirectoryScanner scanner;
    private final Listener listener;
    private final Map<String, List<ReferencedFile>> referenced = new ConcurrentHashMap<>();
    private final Set<String> again = ConcurrentHashMap.newKeySet();
    private final Semaphore signal = new Semaphore(0);
    private @Nullable Thread thread;
    private volatile boolean closed;

    private DirectorySource(
            SourceId id, Path directory, DirectoryScanner scanner, Listener listener) {
        this.id = id;
        this.directory = directory;
        this.scanner = scanner;
        this.listener = listener;
    }

    /// A source that is not started.
    ///
    /// @param wellFormed whether a file's content is complete; what is not is looked at twice
    ///   before it is told
    /// @param clock compared with modification times
    /// @param ticker nanoseconds that never go back
    public static DirectorySource of(
            Path directory,
            Predicate<byte[]> wellFormed,
            InstantSource clock,
            LongSupplier ticker,
            Listener listener) {
        SourceId id = SourceId.directory(directory);
        Path absolute = directory.toAbsolutePath().normalize();
        var scanner =
                new DirectoryScanner(id, DirectoryFiles.of(absolute), wellFormed, clock, ticker);
        return new DirectorySource(id, absolute, scanner, requireNonNull(listener, "listener"));
    }

    /// Takes what looks have shown.
    @FunctionalInterface
    public interface Listener {
        /// Called by the source's thread, in order.
        void accept(DirectoryEvent event) throws InterruptedException;
    }

    /// Which source this is.
    public SourceId id() {
        return id;
    }

    /// Starts to look.
    public void start() {
        thread = Thread.ofVirtual().name("directory-source").start(this::run);
    }

    /// Also watches the files that a config names, and tells the config again when one of them
    /// changes.
    ///
    /// @param config the config file's name
    /// @param files as they were when the config was read; empty: none any more
    public void watchAlso(String config, List<ReferencedFile> files) {
        if (files.isEmpty()) {
            referenced.remove(config);
        } else {
            referenced.put(config, List.copyOf(files));
        }
        signal.release();
    }

    /// Tells a config again at the next look, although it has not changed.
    ///
    /// @param config the config file's name
    public void tellAgain(String config) {
        again.add(config);
        signal.release();
    }

    private void run() {
        try (var watch = DirectoryWatch.start(directory, signal::release)) {
            while (!closed) {
                // Watch before looking: what happens in between is then seen by one or the other.
                boolean watched = watch.watch(directories());
                for (String config : Set.copyOf(again)) {
                    again.remove(config);
                    scanner.forget(config);
                }
                DirectoryScanner.Look look = scanner.look(referenced);
                if (look.event() != null) {
                    forgetReferencesOfRemoved(look.event());
                    listener.accept(look.event());
                }
                await(watched, look.again());
            }
        } catch (InterruptedException _) {
            // Closed.
            Thread.currentThread().interrupt();
        }
    }

    private void await(boolean watched, @Nullable Duration again) throws InterruptedException {
        Duration poll = watched ? POLL_WATCHED : POLL_UNWATCHED;
        Duration wait = again != null && again.compareTo(poll) < 0 ? again : poll;
        if (signal.tryAcquire(wait.toNanos(), TimeUnit.NANOSECONDS)) {
            signal.drainPermits();
            // Lets a burst of events end, unless the source is closed meanwhile.
            if (signal.tryAcquire(LOOK_INTERVAL_MIN.toNanos(), TimeUnit.NANOSECONDS)) {
                signal.drainPermits();
            }
        }
    }

    private Set<Path> directories() {
        Set<Path> directories = new HashSet<>();
        directories.add(directory);
        referenced
                .values()
                .forEach(files ->
                        files.forEach(file -> {
                            Path parent = directory.resolve(file.path()).normalize().getParent();
                            if (parent != null && parent.startsWith(directory)) {
                                directories.add(parent);
                            }
                        }));
        return directories;
    }

    private void forgetReferencesOfRemoved(DirectoryEvent event) {
        if (event instanceof DirectoryEvent.Looked looked) {
            referenced.keySet().retainAll(looked.present());
        }
    }

    /// Stops looking; the listener is not called any more once this returns.
    @Override
    public void close() {
        closed = true;
        Thread running = thread;
        if (running == null) {
            return;
        }
        running.interrupt();
        try {
            running.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
