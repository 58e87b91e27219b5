package io.mimicore.controlplane;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.grpc.BindableService;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.mimicore.build.BuildQueue;
import io.mimicore.controlplane.admin.BuildServiceEndpoint;
import io.mimicore.controlplane.admin.ConfigServiceEndpoint;
import io.mimicore.controlplane.admin.FleetServiceEndpoint;
import io.mimicore.controlplane.admin.Leading;
import io.mimicore.controlplane.admin.VersionServiceEndpoint;
import io.mimicore.controlplane.builds.BuildFleet;
import io.mimicore.controlplane.catalog.AdminSource;
import io.mimicore.controlplane.catalog.CatalogView;
import io.mimicore.controlplane.catalog.ConfigLanguage;
import io.mimicore.controlplane.catalog.FileCheck;
import io.mimicore.controlplane.catalog.FirstPublish;
import io.mimicore.controlplane.catalog.JsonConfigLanguage;
import io.mimicore.controlplane.catalog.ProblemListener;
import io.mimicore.controlplane.fleet.Fleet;
import io.mimicore.controlplane.fleet.Replica;
import io.mimicore.controlplane.leader.Fence;
import io.mimicore.controlplane.leader.Leadership;
import io.mimicore.controlplane.leader.LeasedLeadership;
import io.mimicore.controlplane.retention.GarbageCollector;
import io.mimicore.controlplane.retention.InUse;
import io.mimicore.controlplane.retention.Retention;
import io.mimicore.controlplane.retention.RetentionMetrics;
import io.mimicore.controlplane.snapshot.CachedContent;
import io.mimicore.controlplane.snapshot.ChannelFollower;
import io.mimicore.controlplane.snapshot.ContentStore;
import io.mimicore.controlplane.snapshot.Publisher;
import io.mimicore.controlplane.snapshot.Snapshot;
import io.mimicore.controlplane.snapshot.SnapshotReader;
import io.mimicore.controlplane.snapshot.SnapshotWriter;
import io.mimicore.controlplane.source.SourceId;
import io.mimicore.controlplane.stream.ArtifactsEndpoint;
import io.mimicore.controlplane.stream.NodeState;
import io.mimicore.controlplane.stream.NodeStatus;
import io.mimicore.controlplane.stream.RolloutPolicy;
import io.mimicore.controlplane.stream.SnapshotStreams;
import io.mimicore.controlplane.stream.StreamLimits;
import io.mimicore.controlplane.stream.StreamRules;
import io.mimicore.controlplane.time.Scheduler;
import io.mimicore.controlplane.time.SystemScheduler;
import io.mimicore.signing.ClusterKey;
import io.mimicore.store.ArtifactStore;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.Objects;
import io.mimicore.store.StoreKeys;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A control plane: watches directories, publishes snapshots, speaks with nodes and with people.
///
/// Threads:
/// - the *catalog*, the *publisher*, each *directory* and the *leadership* have a virtual thread
///   each and hand each other messages; the first three live as long as a leadership;
/// - the *channel follower*'s virtual thread tells the streams what there is to run; it reads the
///   store, so a replica that does not lead serves its nodes in the same way;
/// - each *node's stream* is a serial executor on virtual threads;
/// - files are compiled and artifacts sent on virtual threads of their own, bounded in number;
/// - one timer thread, which only hands over. Nothing holds a lock while it sends, and nobody
///   interrupts a thread that may be using the store.
///
/// Thread-safe. The store, the artifacts, the build queue and the servers belong to the caller and
/// are closed after this, which must be stopped first.
public final class ControlPlane implements AutoCloseable {
    /// Largest message that a node may send, in bytes: for the servers of [#streamServices].
    public static final int STREAM_INBOUND_BYTES_MAX = 1024 * 1024;

    /// Largest message that the admin API takes, in bytes: for the server of [#adminServices].
    public static final int ADMIN_INBOUND_BYTES_MAX = ConfigServiceEndpoint.REQUEST_BYTES_MAX;

    private static final String ROLE = "control-plane";

    private final Parts parts;
    private final SnapshotReader reader;
    private final SystemScheduler timer;
    private final SnapshotStreams streams;
    private final Fleet fleet;
    private final ArtifactsEndpoint artifacts;
    private final ChannelFollower follower;
    private final BuildFleet buildFleet;
    private final Leadership leadership;
    private final HealthStatusManager health = new HealthStatusManager();
    private final CompletableFuture<FirstPublish> firstPublish = new CompletableFuture<>();
    private volatile @Nullable LeaderTerm term;

    private ControlPlane(Builder builder) {
        this.timer = SystemScheduler.start();
        this.parts = Parts.of(builder, timer);
        this.reader = new SnapshotReader(parts.store(), parts.keys(), parts.content());
        this.fleet =
                new Fleet(
                        new Fleet.Records(parts.store(), parts.keys()),
                        new Replica(builder.name, Long.toHexString(builder.random.nextLong())),
                        new OwnStreams(),
                        parts.clock(),
                        timer::nanoTime);
        this.streams =
                new SnapshotStreams(
                        reader,
                        new StreamRules(
                                parts.keys().cluster(), builder.policy, builder.streamLimits),
                        fleet,
                        timer,
                        builder.random);
        this.artifacts = new ArtifactsEndpoint(parts.artifacts());
        this.follower = new ChannelFollower(parts.store(), parts.keys(), reader, this::follow);
        this.buildFleet = new BuildFleet(parts.store(), parts.keys(), timer::nanoTime);
        this.leadership =
                LeasedLeadership.of(parts.store(), parts.keys().leader(ROLE), builder.name);
        if (builder.registry != null) {
            register(builder.registry);
        }
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.NOT_SERVING);
    }

    /// Starts to describe a control plane.
    public static Builder builder() {
        return new Builder();
    }

    /// Starts everything; returns at once. Until the store can be read, streams are refused.
    public void start() {
        fleet.start();
        follower.start();
        buildFleet.start();
        leadership.start(new Terms());
    }

    /// What nodes call: to be served on the stream port.
    public List<BindableService> streamServices() {
        return List.of(streams, artifacts);
    }

    /// What people and scripts call: to be served on the admin port, which must take messages of
    /// [#ADMIN_INBOUND_BYTES_MAX].
    public List<BindableService> adminServices() {
        return List.of(
                new ConfigServiceEndpoint(new Leader(), parts.fileCheck()),
                new VersionServiceEndpoint(parts.store(), parts.keys(), reader),
                new FleetServiceEndpoint(fleet),
                new BuildServiceEndpoint(parts.store(), parts.keys()),
                health.getHealthService(),
                ProtoReflectionServiceV1.newInstance());
    }

    /// Whether it knows what there is to run, and answers nodes.
    public boolean isLoaded() {
        return streams.isLoaded();
    }

    /// Waits until every directory was looked at once, its files compiled, and the result
    /// published.
    ///
    /// @return what it came to; absent: not within `patience`
    public @Nullable FirstPublish awaitFirstPublish(Duration patience) throws InterruptedException {
        try {
            return firstPublish.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException _) {
            return null;
        } catch (ExecutionException e) {
            throw new IllegalStateException("the first publish failed", e);
        }
    }

    /// The catalog as it is now; absent: this process does not lead.
    public @Nullable CatalogView catalogView() {
        LeaderTerm leading = term;
        return leading == null ? null : leading.catalog().view();
    }

    /// Removes what a source has lost and an alarm is kept for.
    ///
    /// @return how many APIs are removed; fails with `IllegalStateException` if this process does
    ///   not lead
    public CompletableFuture<Integer> confirmRemoval(SourceId source) {
        LeaderTerm leading = term;
        return leading == null
                ? CompletableFuture.failedFuture(
                        new IllegalStateException("this control plane does not lead at present"))
                : leading.catalog().confirmRemoval(source);
    }

    /// Gives nodes their time to come back, then stops everything that was started.
    @Override
    public void close() {
        health.enterTerminalState();
        fleet.stopRecording();
        streams.drain();
        leadership.close();
        follower.close();
        buildFleet.close();
        streams.close();
        fleet.close();
        artifacts.close();
        timer.close();
    }

    /// What the admin API needs of whoever leads.
    private final class Leader implements Leading {
        @Override
        public @Nullable CatalogView view() {
            return catalogView();
        }

        @Override
        public @Nullable AdminSource adminSource() {
            LeaderTerm leading = term;
            return leading == null ? null : leading.catalog().adminSource();
        }

        @Override
        public CompletableFuture<Integer> confirmRemoval(SourceId source) {
            return ControlPlane.this.confirmRemoval(source);
        }

        @Override
        public String leader() {
            MetadataStore.Entry leader = parts.store().get(parts.keys().leader(ROLE));
            return leader == null ? "" : new String(leader.value(), UTF_8);
        }
    }

    private void follow(@Nullable Snapshot target) {
        streams.target(target);
        // From now on nodes are answered.
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
    }

    private void register(MeterRegistry registry) {
        buildFleet.show(registry);
        Gauge.builder("mimicore_leader", this, plane -> plane.term == null ? 0 : 1)
                .description("1 on the control plane that publishes")
                .register(registry);
        Gauge.builder("mimicore_snapshot_target_version", streams, SnapshotStreams::newestVersion)
                .description("Version that the channel names")
                .register(registry);
        Gauge.builder("mimicore_control_planes", fleet, Fleet::controlPlanes)
                .description("Control planes of the cluster that are there")
                .register(registry);
        Gauge.builder("mimicore_node_records_waiting", fleet, Fleet::recordsWaiting)
                .description("Nodes whose state is yet to be written into the store")
                .register(registry);
        for (NodeState state : NodeState.values()) {
            Gauge.builder("mimicore_nodes", streams, all -> all.count(state))
                    .tag("state", state.label())
                    .description("Nodes that are or lately were connected to this process")
                    .register(registry);
        }
        List<String> sources = new ArrayList<>();
        parts.directories().forEach(path -> sources.add(SourceId.directory(path).value()));
        sources.add(SourceId.ADMIN.value());
        for (String source : sources) {
            Gauge.builder("mimicore_config_problems", this, plane -> plane.errorsOf(source))
                    .tag("source", source)
                    .description("Errors in files that keep them from going live")
                    .register(registry);
        }
    }

    private int errorsOf(String source) {
        CatalogView view = catalogView();
        return view == null ? 0 : view.errors().getOrDefault(source, 0);
    }

    /// What the fleet knows from this process itself; asked once it is whole.
    private final class OwnStreams implements Fleet.Streams {
        @Override
        public Map<String, NodeStatus> nodes() {
            return streams.nodes();
        }

        @Override
        public long targetVersion() {
            return streams.newestVersion();
        }

        @Override
        public void drainChanged(@Nullable String node) {
            if (node == null) {
                streams.drainsChanged();
            } else {
                streams.drainChanged(node);
            }
        }
    }

    /// Begins and ends terms; called by the leadership's thread.
    private final class Terms implements Leadership.Listener {
        @Override
        public void elected(Fence fence) {
            LeaderTerm begun = LeaderTerm.start(parts, reader, fence, fleet::versionsInUse);
            term = begun;
            var _ = begun.catalog().firstPublish().thenAccept(firstPublish::complete);
        }

        @Override
        public void deposed() {
            LeaderTerm ended = term;
            term = null;
            if (ended != null) {
                ended.close();
            }
        }
    }

    /// What a control plane is made of, ready for use.
    record Parts(
            MetadataStore store,
            StoreKeys keys,
            ContentStore content,
            ArtifactStore artifacts,
            BuildQueue builds,
            ClusterKey clusterKey,
            ConfigLanguage language,
            List<Path> directories,
            ProblemListener problems,
            InstantSource clock,
            Scheduler scheduler,
            Retention retention,
            RetentionMetrics retentionMetrics,
            long versionFloor) {
        static Parts of(Builder builder, Scheduler scheduler) {
            MetadataStore store = requireNonNull(builder.store, "store");
            StoreKeys keys = requireNonNull(builder.keys, "keys");
            return new Parts(
                    store,
                    keys,
                    CachedContent.of(new Objects(store, keys)),
                    requireNonNull(builder.artifacts, "artifacts"),
                    requireNonNull(builder.builds, "builds"),
                    requireNonNull(builder.clusterKey, "clusterKey"),
                    builder.language,
                    List.copyOf(builder.directories),
                    builder.problems,
                    builder.clock,
                    scheduler,
                    builder.retention,
                    new RetentionMetrics(
                            builder.registry == null
                                    ? new SimpleMeterRegistry()
                                    : builder.registry),
                    builder.versionFloor);
        }

        FileCheck fileCheck() {
            return new FileCheck(builds, artifacts, clock);
        }

        GarbageCollector garbageCollector(Fence fence, InUse inUse) {
            var stores =
                    new GarbageCollector.Stores(
                            store, keys, artifacts, new SnapshotReader(store, keys, content));
            var process =
                    new GarbageCollector.Process(inUse, retentionMetrics, scheduler::nanoTime);
            return GarbageCollector.of(stores, fence, retention, process);
        }

        Publisher publisher(Fence fence, Publisher.Listener listener, long lastServed) {
            var writer = new SnapshotWriter(store, keys, content, clusterKey, clock);
            writer.numberAbove(Math.max(versionFloor, lastServed));
            var source = new SnapshotReader(store, keys, content);
            return Publisher.of(writer, source, fence, scheduler::nanoTime, listener);
        }
    }

    /// Collects what a control plane needs.
    public static final class Builder {
        private @Nullable MetadataStore store;
        private @Nullable StoreKeys keys;
        private @Nullable ArtifactStore artifacts;
        private @Nullable BuildQueue builds;
        private @Nullable ClusterKey clusterKey;
        private @Nullable MeterRegistry registry;
        private ConfigLanguage language = new JsonConfigLanguage();
        private final List<Path> directories = new ArrayList<>();
        private ProblemListener problems = (_, _) -> {};
        private RolloutPolicy policy = RolloutPolicy.IMMEDIATE;
        private Retention retention = Retention.DEFAULT;
        private StreamLimits streamLimits = StreamLimits.DEFAULT;
        private InstantSource clock = Clock.systemUTC();
        private RandomGenerator random = RandomGenerator.getDefault();
        private Supplier<String> name = () -> "control-plane";
        private long versionFloor;

        private Builder() {}

        /// Where records are kept, and under which cluster's keys. Required.
        public Builder store(MetadataStore value, StoreKeys cluster) {
            store = requireNonNull(value, "store");
            keys = requireNonNull(cluster, "cluster");
            return this;
        }

        /// Where artifacts are. Required.
        public Builder artifacts(ArtifactStore value) {
            artifacts = requireNonNull(value, "artifacts");
            return this;
        }

        /// Where user code is built. Required.
        public Builder builds(BuildQueue value) {
            builds = requireNonNull(value, "builds");
            return this;
        }

        /// A version that some node serves already: the store's own go on above it, should the
        /// store have been lost or restored from an older copy. 0, the default: none.
        public Builder versionsAbove(long value) {
            if (value < 0) {
                throw new IllegalArgumentException("value: " + value + " (expected: >= 0)");
            }
            versionFloor = value;
            return this;
        }

        /// What snapshots are signed with. Required.
        public Builder clusterKey(ClusterKey value) {
            clusterKey = requireNonNull(value, "clusterKey");
            return this;
        }

        /// Adds a directory of configs; as it is written here, problems name its files.
        public Builder directory(Path value) {
            directories.add(requireNonNull(value, "directory"));
            return this;
        }

        /// Who this is among several control planes: the address of its admin API, `host:port`, by
        /// which others name the leader, and whose nodes are whose. Asked from [ControlPlane#start]
        /// on.
        public Builder name(Supplier<String> value) {
            name = requireNonNull(value, "name");
            return this;
        }

        /// Where metrics go; none are kept without it.
        public Builder registry(MeterRegistry value) {
            registry = requireNonNull(value, "registry");
            return this;
        }

        /// Is told what is wrong with files. Called by the catalog's thread: return soon.
        public Builder problems(ProblemListener value) {
            problems = requireNonNull(value, "problems");
            return this;
        }

        /// Which node is to run what; by default every node the newest version at once.
        public Builder policy(RolloutPolicy value) {
            policy = requireNonNull(value, "policy");
            return this;
        }

        /// Limits of streams.
        public Builder streamLimits(StreamLimits value) {
            streamLimits = requireNonNull(value, "streamLimits");
            return this;
        }

        /// How much is kept that is not needed to serve.
        public Builder retention(Retention value) {
            retention = requireNonNull(value, "retention");
            return this;
        }

        /// How files become IR.
        Builder language(ConfigLanguage value) {
            language = requireNonNull(value, "language");
            return this;
        }

        /// A control plane that is not started.
        public ControlPlane build() {
            return new ControlPlane(this);
        }
    }

    /// The newest snapshot that nodes are told of; absent: none.
    @Nullable Snapshot newest() {
        return streams.newest();
    }
}
