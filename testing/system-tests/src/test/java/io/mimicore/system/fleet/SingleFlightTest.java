package io.mimicore.system.fleet;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.build.BuildOutcome;
import io.mimicore.build.BuildRecords;
import io.mimicore.build.BuildState;
import io.mimicore.build.StoreBuildQueue;
import io.mimicore.ir.Digest;
import io.mimicore.store.ArtifactStore;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.Transaction;
import io.mimicore.testkit.process.StallableLink;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One build for each key, whatever happens to the workers: real processes, killed and stopped,
/// over a real etcd and a real MinIO.
class SingleFlightTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration LEASE = Duration.ofSeconds(20);
    private static final long AFTER_LEASE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final String TWO_LOST = "(?s)is lost: .*is lost: ";
    private static final String DROPPED =
            "made different artifacts of one program|given up at attempt 1";

    @TempDir private Path root;
    private Fleet fleet;
    private MetadataStore store;
    private ArtifactStore artifacts;

    @BeforeEach
    void open() throws Exception {
        fleet = Fleet.start(root);
        store = fleet.store();
        artifacts = fleet.artifacts();
    }

    @AfterEach
    void close() throws Exception {
        fleet.stop();
    }

    @Test
    void build_fiftyAskersOverTenConnections_isMadeOnce() throws Exception {
        List<GatedToolchain> toolchains = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Path gate = Files.createDirectories(root.resolve("w" + i));
            toolchains.add(new GatedToolchain(gate, 1));
            fleet.worker("w" + i, toolchains.get(i), 2);
        }
        eventually(
                PATIENCE,
                () -> assertThat(store.list(FleetStores.KEYS.workers()).entries()).hasSize(5));
        List<FutureTask<BuildOutcome>> askers = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            StoreBuildQueue queue = fleet.queue();
            for (int asker = 0; asker < 10; asker++) {
                askers.add(Fleet.ask(queue, "program"));
            }
        }
        Set<BuildOutcome> outcomes = new HashSet<>();
        for (FutureTask<BuildOutcome> asker : askers) {
            outcomes.add(get(asker));
        }
        assertThat(outcomes).hasSize(1).allMatch(BuildOutcome.Built.class::isInstance);
        assertThat(toolchains.stream().mapToInt(GatedToolchain::compiled).sum()).isEqualTo(1);
        assertThat(artifacts.list()).hasSize(1);
    }

    /// All at once, so that the time of one lease is spent once: one worker is killed as its claim
    /// shows, one while it builds, one while its artifact is on the way, one between its artifact
    /// and its result, and one is stopped and goes on when it is all over.
    @Test
    void build_workersKilledAtEachStepAndOneStopped_isMadeByAnotherWithinALease() throws Exception {
        Map<String, FutureTask<BuildOutcome>> askers = new LinkedHashMap<>();
        WorkerProcess building = begin("building", 1, askers);
        WorkerProcess putting = begin("putting", 1, askers);
        putting.s3().stall();
        putting.release();
        eventually(PATIENCE, () -> assertThat(putting.s3().isHolding()).isTrue());
        assertThat(artifacts.list()).isEmpty();
        WorkerProcess published = begin("published", 1, askers);
        WorkerProcess stopped = begin("stopped", 2, askers);
        killAsItClaims("claiming", askers);
        // From here on leases run out.
        published.etcd().stall();
        published.release();
        eventually(PATIENCE, () -> assertThat(artifacts.list()).hasSize(1));
        stopped.pause();
        building.kill();
        putting.kill();
        published.kill();
        long killedNanos = System.nanoTime();
        FutureTask<Long> yardstick = leaseThatEndsByItself();
        GatedToolchain other =
                new GatedToolchain(Files.createDirectories(root.resolve("other")), 1);
        fleet.worker("other", other, askers.size());
        Map<String, FutureTask<Long>> taken = new LinkedHashMap<>();
        for (String program : askers.keySet()) {
            taken.put(program, whenTakenAgain(program));
        }

        Map<String, BuildOutcome> outcomes = new LinkedHashMap<>();
        for (var asker : askers.entrySet()) {
            outcomes.put(asker.getKey(), get(asker.getValue()));
        }
        long leaseNanos = yardstick.get(PATIENCE.toSeconds(), TimeUnit.SECONDS) - killedNanos;
        for (var time : taken.entrySet()) {
            assertThat(time.getValue().get() - killedNanos)
                    .as(time.getKey() + " was free when its lease was over")
                    .isLessThan(leaseNanos + AFTER_LEASE_NANOS);
        }
        assertThat(other.compiled()).as("each once").isEqualTo(askers.size());
        Map<String, MetadataStore.Entry> states = states(askers.keySet());
        published.etcd().goOn();
        stopped.resume();
        // Two leases: its registration and its claim.
        eventually(PATIENCE, () -> assertThat(stopped.output()).containsPattern(TWO_LOST));
        stopped.release();
        // It ends with an artifact that differs, or is interrupted on the way to it.
        eventually(PATIENCE, () -> assertThat(stopped.output()).containsPattern(DROPPED));

        assertThat(states(askers.keySet()).values())
                .as("late results change nothing")
                .extracting(MetadataStore.Entry::modRevision)
                .containsExactlyElementsOf(
                        states.values().stream().map(MetadataStore.Entry::modRevision).toList());
        requireOneArtifactEach(states, outcomes);
    }

    private void requireOneArtifactEach(
            Map<String, MetadataStore.Entry> states, Map<String, BuildOutcome> outcomes) {
        Set<Digest> counted = new HashSet<>();
        for (var outcome : outcomes.entrySet()) {
            var built = (BuildOutcome.Built) outcome.getValue();
            counted.add(built.artifact());
            var entry = Objects.requireNonNull(states.get(outcome.getKey()));
            assertThat(BuildRecords.decodeState(entry.value()))
                    .isInstanceOfSatisfying(
                            BuildState.Done.class,
                            done -> {
                                assertThat(done.attempt()).isEqualTo(2);
                                assertThat(done.artifact()).isEqualTo(built.artifact());
                            });
        }
        assertThat(counted).hasSize(outcomes.size());
        assertThat(stored())
                .as("besides what counts there is at most what the stopped worker made")
                .containsAll(counted)
                .hasSizeBetween(counted.size(), counted.size() + 1);
    }

    /// A worker that has begun to build a program of its name.
    private WorkerProcess begin(
            String name, int shift, Map<String, FutureTask<BuildOutcome>> askers) throws Exception {
        WorkerProcess process = fleet.keep(WorkerProcess.start(root.resolve(name), fleet, shift));
        askers.put(name, Fleet.ask(fleet.queue(), name));
        eventually(PATIENCE, () -> assertThat(process.hasBegun()).as(process.output()).isTrue());
        return process;
    }

    /// Kills a worker, which would not end its build, as soon as its claim is seen.
    private void killAsItClaims(String name, Map<String, FutureTask<BuildOutcome>> askers)
            throws Exception {
        var claimed = new CountDownLatch(1);
        try (WorkerProcess claiming = WorkerProcess.start(root.resolve(name), fleet, 1);
                var _ =
                        OwnerWatch.open(
                                store,
                                Fleet.keyOf(name),
                                () -> {
                                    claiming.kill();
                                    claimed.countDown();
                                })) {
            askers.put(name, Fleet.ask(fleet.queue(), name));
            assertThat(claimed.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }

    /// When etcd ends a lease that was granted just now and is never renewed.
    private FutureTask<Long> leaseThatEndsByItself() throws Exception {
        StallableLink link = fleet.keep(StallableLink.to(fleet.etcdPort()));
        MetadataStore cut = fleet.keep(FleetStores.etcd(link.endpoint()));
        String key = FleetStores.KEYS.node("yardstick");
        MetadataStore.Lease lease = cut.lease(LEASE);
        cut.commit(Transaction.builder().putLeased(key, new byte[0], lease).build());
        link.stall();
        return when(() -> store.get(key) == null);
    }

    /// When a build is begun for the second time.
    private FutureTask<Long> whenTakenAgain(String program) {
        return when(() -> {
            MetadataStore.Entry state =
                    Objects.requireNonNull(
                            store.get(FleetStores.KEYS.buildState(Fleet.keyOf(program))));
            return BuildRecords.decodeState(state.value()).attempt() > 1;
        });
    }

    private static FutureTask<Long> when(java.util.function.BooleanSupplier condition) {
        var task =
                new FutureTask<>(() -> {
                    eventually(PATIENCE, () -> assertThat(condition.getAsBoolean()).isTrue());
                    return System.nanoTime();
                });
        Thread.ofVirtual().start(task);
        return task;
    }

    private Map<String, MetadataStore.Entry> states(Set<String> programs) {
        Map<String, MetadataStore.Entry> states = new LinkedHashMap<>();
        for (String program : programs) {
            String key = FleetStores.KEYS.buildState(Fleet.keyOf(program));
            states.put(program, Objects.requireNonNull(store.get(key)));
        }
        return states;
    }

    private Set<Digest> stored() {
        return artifacts.list().stream()
                .map(ArtifactStore.Listed::digest)
                .collect(Collectors.toSet());
    }

    private static BuildOutcome get(FutureTask<BuildOutcome> asker) throws Exception {
        BuildOutcome outcome = asker.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(outcome).isInstanceOf(BuildOutcome.Built.class);
        return outcome;
    }
}
