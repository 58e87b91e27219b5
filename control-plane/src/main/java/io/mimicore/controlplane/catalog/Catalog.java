package io.mimicore.controlplane.catalog;

import static java.util.Objects.requireNonNull;

import io.mimicore.build.BuildQueue;
import io.mimicore.controlplane.snapshot.ApiForm;
import io.mimicore.controlplane.snapshot.Desired;
import io.mimicore.controlplane.snapshot.LiveSet;
import io.mimicore.controlplane.snapshot.Publisher;
import io.mimicore.controlplane.source.DirectoryEvent;
import io.mimicore.controlplane.source.DirectorySource;
import io.mimicore.controlplane.source.FileKey;
import io.mimicore.controlplane.source.FoundFile;
import io.mimicore.controlplane.source.ReferencedFile;
import io.mimicore.controlplane.source.SourceId;
import io.mimicore.controlplane.time.Scheduler;
import io.mimicore.ir.Digest;
import io.mimicore.store.ArtifactStore;
import io.mimicore.store.StoreException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The running catalog: turns files into what shall be live, for as long as one leadership lasts.
///
/// One virtual thread owns everything here and takes messages from a bounded mailbox; whoever sends
/// one may be blocked while it is full, and the catalog's thread itself never sends one nor does
/// anything that takes time: files are read, built and compiled on virtual threads of their own,
/// which send their results. The public methods may be called by any thread.
public final class Catalog implements DirectorySource.Listener, Publisher.Listener, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Catalog.class);

    /// Messages that wait.
    private static final int MAILBOX_MAX = 4_096;

    /// How long the first files may take before what is ready of them is published without the
    /// others: a build of user code must not hold back the rest for long.
    static final Duration HOLD_MAX = Duration.ofSeconds(3);

    private static final Duration RETRY_MIN = Duration.ofSeconds(2);
    private static final Duration RETRY_MAX = Duration.ofMinutes(1);

    private final Ledger ledger;
    private final CompileJobs jobs;
    private final Scheduler scheduler;
    private final Consumer<Desired> publisher;
    private final Consumer<WatchRequest> watches;
    private final Consumer<FileKey> asks;
    private final Function<Digest, byte[]> content;
    private final CatalogPresenter presenter;
    private final Waiters waiters = new Waiters();
    private final AdminSource adminSource;
    private final BlockingQueue<CatalogMessage> mailbox = new ArrayBlockingQueue<>(MAILBOX_MAX);
    private final CompletableFuture<FirstPublish> firstPublish = new CompletableFuture<>();

    private LiveSet stored;
    private long sequence;
    private long firstSequence = Long.MAX_VALUE;
    private boolean holding = true;
    private long storedSequence = -1;
    private volatile Collection<ApiForm> wanted = List.of();
    private volatile CatalogView view = CatalogView.EMPTY;
    private volatile boolean closed;
    private @Nullable Thread thread;

    private Catalog(Builder builder, LiveSet stored, List<Path> directories) {
        this.jobs =
                new CompileJobs(
                        requireNonNull(builder.language, "language"),
                        requireNonNull(builder.builds, "builds"),
                        requireNonNull(builder.artifacts, "artifacts"),
                        requireNonNull(builder.clock, "clock"));
        this.scheduler = requireNonNull(builder.scheduler, "scheduler");
        this.publisher = requireNonNull(builder.publisher, "publisher");
        this.watches = requireNonNull(builder.watches, "watches");
        this.asks = builder.asks;
        this.content = builder.content;
        this.presenter = new CatalogPresenter(builder.problems);
        this.stored = stored;
        this.ledger = new Ledger(new Jobs());
        ledger.load(stored.sources().values(), directories);
        var rules = new AdminRules(ledger, waiters, this::view);
        this.adminSource =
                new AdminSource(jobs, rules, call -> send(new CatalogMessage.AdminCall(call)));
        this.wanted = List.copyOf(ledger.live().values());
    }

    /// Starts to describe a catalog.
    public static Builder builder() {
        return new Builder();
    }

    /// Files that a config names and that are to be watched with it.
    ///
    /// @param config the config file
    public record WatchRequest(FileKey config, List<ReferencedFile> references) {
        public WatchRequest {
            requireNonNull(config, "config");
            references = List.copyOf(references);
        }
    }

    /// Starts.
    public void start() {
        scheduler.schedule(HOLD_MAX, () -> mailbox.offer(new CatalogMessage.HoldEnded()));
        // Also where there is no directory that would tell anything.
        mailbox.add(new CatalogMessage.AdminCall(ledger::reload));
        thread = Thread.ofVirtual().name("catalog").start(this::run);
    }

    /// The admin API as a source.
    public AdminSource adminSource() {
        return adminSource;
    }

    /// What shall be live, whether it was offered to the publisher or not. Whatever it consists of
    /// may be published at any time and must be kept.
    public Collection<ApiForm> wanted() {
        return wanted;
    }

    /// The catalog as it is now.
    public CatalogView view() {
        return view;
    }

    /// Completes when every directory was looked at once, its files compiled, and the result
    /// published. Never fails; it stays open while the store cannot be written.
    public CompletableFuture<FirstPublish> firstPublish() {
        return firstPublish.copy();
    }

    /// Removes what a source has lost and an alarm is kept for: the APIs of files that went all at
    /// once, or all APIs of a directory that cannot be looked at.
    ///
    /// @return how many APIs are removed
    public CompletableFuture<Integer> confirmRemoval(SourceId source) {
        CompletableFuture<Integer> removed = new CompletableFuture<>();
        send(new CatalogMessage.ConfirmRemoval(source, removed));
        return removed;
    }

    @Override
    public void accept(DirectoryEvent event) {
        send(new CatalogMessage.Directory(event));
    }

    @Override
    public void published(Desired desired, LiveSet live) {
        send(new CatalogMessage.Published(desired, live));
    }

    private void send(CatalogMessage message) {
        try {
            // Wakes up now and then, because a closed catalog empties no mailbox.
            while (!closed && !mailbox.offer(message, 100, TimeUnit.MILLISECONDS)) {
                log.debug("the catalog's mailbox is full");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        List<CatalogMessage> batch = new ArrayList<>();
        try {
            while (!closed) {
                CatalogMessage first = mailbox.poll(1, TimeUnit.SECONDS);
                if (first == null) {
                    continue;
                }
                batch.add(first);
                mailbox.drainTo(batch);
                batch.forEach(this::handle);
                batch.clear();
                afterwards();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @SuppressWarnings("IllegalCatch") // one message's defect must not end the catalog
    private void handle(CatalogMessage message) {
        try {
            switch (message) {
                case CatalogMessage.Directory told -> ledger.directory(told.event());
                case CatalogMessage.Read read ->
                        ledger.read(read.file(), read.generation(), read.reading());
                case CatalogMessage.Compiled made ->
                        ledger.compiled(made.file(), made.generation(), made.result());
                case CatalogMessage.Retry retry -> ledger.retry(retry.file(), retry.generation());
                case CatalogMessage.Published told -> published(told);
                case CatalogMessage.ConfirmRemoval confirmation ->
                        confirmation
                                .removed()
                                .complete(ledger.confirmRemoval(confirmation.source()));
                case CatalogMessage.AdminCall asked -> asked.call().run();
                case CatalogMessage.Reloaded told ->
                        ledger.reloaded(told.file(), told.generation(), told.content());
                case CatalogMessage.HoldEnded _ -> holding = false;
            }
        } catch (RuntimeException e) {
            log.error("the catalog failed at a message and goes on message={}", message, e);
        }
    }

    private void published(CatalogMessage.Published told) {
        stored = told.live();
        ledger.stored(told.desired().forms());
        storedSequence = Math.max(storedSequence, told.desired().sequence());
    }

    private void afterwards() {
        boolean settled = ledger.isAtRest();
        if (settled) {
            holding = false;
        }
        boolean publishing = mayPublish();
        if (!publishing) {
            wanted = List.copyOf(ledger.live().values());
        } else if (ledger.takeLiveChanged()) {
            sequence++;
            wanted = List.copyOf(ledger.live().values());
            publisher.accept(new Desired(sequence, ledger.live(), ledger.content()));
        }
        if (publishing) {
            waiters.offered(sequence);
        }
        view = presenter.view(ledger, stored);
        // After the view: whoever is told looks at it next.
        presenter.tell(ledger);
        waiters.stored(storedSequence, stored.version());
        if (settled && firstSequence == Long.MAX_VALUE) {
            // Not the next one: the last files may have changed nothing of what was offered before.
            firstSequence = sequence;
        }
        boolean nothingToPublish = firstSequence == sequence && !mayPublish();
        if (storedSequence >= firstSequence || nothingToPublish) {
            completeFirstPublish();
        }
    }

    /// Whether what shall be live is known well enough. The first snapshot ever is not published
    /// empty while a file or a directory may still bring something: a node that is told that there
    /// is nothing calls itself ready.
    private boolean mayPublish() {
        if (!ledger.isEverySourceHeard()) {
            return false;
        }
        boolean first = stored.snapshot() == null && ledger.live().isEmpty();
        return first ? ledger.isAtRest() && ledger.isEverySourceComplete() : !holding;
    }

    private void completeFirstPublish() {
        if (firstPublish.isDone()) {
            return;
        }
        firstPublish.complete(
                new FirstPublish(
                        stored.version(),
                        stored.tree().entries().size(),
                        presenter.filesWithErrors(ledger)));
    }

    /// Stops; the listeners are not called any more once this returns. Builds that are under way
    /// end by themselves, unheard.
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
        adminSource.close();
    }

    /// Runs on virtual threads what the ledger asks for.
    private final class Jobs implements Ledger.Work {
        @Override
        public void read(FileState file, @Nullable Path directory) {
            CompileJobs.Subject subject = subject(file, directory);
            FileKey key = file.key();
            long generation = file.generation();
            run("config-read", () -> new CatalogMessage.Read(key, generation, jobs.read(subject)));
        }

        @Override
        public void compile(FileState file, @Nullable Path directory, @Nullable ApiForm form) {
            CompileJobs.Subject subject = subject(file, directory);
            ConfigLanguage.Draft draft = requireNonNull(file.draft(), "draft");
            FileKey key = file.key();
            long generation = file.generation();
            run(
                    "config-compile",
                    () ->
                            new CatalogMessage.Compiled(
                                    key, generation, jobs.compile(subject, draft, form)));
        }

        @Override
        public void watchAlso(FileKey config, List<ReferencedFile> references) {
            watches.accept(new WatchRequest(config, references));
        }

        @Override
        public void retryLater(FileKey file, long generation, int failures) {
            Duration delay = RETRY_MIN.multipliedBy(1L << Math.min(failures - 1, 10));
            scheduler.schedule(
                    delay.compareTo(RETRY_MAX) > 0 ? RETRY_MAX : delay,
                    () -> mailbox.offer(new CatalogMessage.Retry(file, generation)));
        }

        @Override
        public void reload(FileState file, ApiForm form) {
            FileKey key = file.key();
            long generation = file.generation();
            run(
                    "config-reload",
                    () -> {
                        byte[] stale = jobs.stale(form, content);
                        FoundFile found =
                                stale == null
                                        ? null
                                        : new FoundFile(key, stale, form.origin().source());
                        return new CatalogMessage.Reloaded(key, generation, found);
                    });
        }

        @Override
        public void tellAgain(FileKey file) {
            asks.accept(file);
        }

        private CompileJobs.Subject subject(FileState file, @Nullable Path directory) {
            FoundFile found = requireNonNull(file.found(), "found");
            return new CompileJobs.Subject(found, file.name(), directory);
        }

        private void run(String name, Job job) {
            Thread.ofVirtual()
                    .name(name)
                    .start(() -> {
                        try {
                            send(job.run());
                        } catch (InterruptedException _) {
                            Thread.currentThread().interrupt();
                        }
                    });
        }
    }

    /// Something that takes time and ends in a message.
    @FunctionalInterface
    private interface Job {
        CatalogMessage run() throws InterruptedException;
    }

    /// Collects what a catalog needs.
    public static final class Builder {
        private @Nullable ConfigLanguage language;
        private @Nullable BuildQueue builds;
        private @Nullable ArtifactStore artifacts;
        private @Nullable InstantSource clock;
        private @Nullable Scheduler scheduler;
        private @Nullable Consumer<Desired> publisher;
        private @Nullable Consumer<WatchRequest> watches;
        private ProblemListener problems = (_, _) -> {};
        private Consumer<FileKey> asks = _ -> {};
        private Function<Digest, byte[]> content =
                digest -> {
                    throw new StoreException("object " + digest + " is not there");
                };

        private Builder() {}

        /// How files become IR.
        public Builder language(ConfigLanguage value) {
            language = value;
            return this;
        }

        /// Where user code is built, and where the results are.
        public Builder builds(BuildQueue queue, ArtifactStore results) {
            builds = queue;
            artifacts = results;
            return this;
        }

        /// The wall clock, and what runs things later.
        public Builder time(InstantSource wallClock, Scheduler timer) {
            clock = wallClock;
            scheduler = timer;
            return this;
        }

        /// Takes what shall be live; must not block.
        public Builder publisher(Consumer<Desired> value) {
            publisher = value;
            return this;
        }

        /// Takes which files are to be watched; must not block.
        public Builder watches(Consumer<WatchRequest> value) {
            watches = value;
            return this;
        }

        /// Takes which file is to be told again, although it has not changed; must not block.
        public Builder asks(Consumer<FileKey> value) {
            asks = value;
            return this;
        }

        /// Reads the store's objects: what was applied in the past. May block, and fail with
        /// [StoreException].
        public Builder content(Function<Digest, byte[]> value) {
            content = value;
            return this;
        }

        /// Is told what is wrong with files; must not block.
        public Builder problems(ProblemListener value) {
            problems = value;
            return this;
        }

        /// A catalog that is not started.
        ///
        /// @param stored what the store holds
        /// @param directories those that are watched, as given
        public Catalog build(LiveSet stored, List<Path> directories) {
            return new Catalog(this, stored, directories);
        }
    }
}
