package io.mimicore.system;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.system.FleetFaults.Chosen;
import io.mimicore.system.FleetFaults.Fault;
import io.mimicore.system.FleetFaults.Harm;
import io.mimicore.system.FleetFaults.Victim;
import io.mimicore.testkit.process.Load;
import io.mimicore.testkit.process.MimicoreCommand;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/// A fleet under load while its parts are killed, paused for longer than their leases, and cut off,
/// two at a time, and authors go on. What every client got is kept and compared with what may be.
///
/// Each part has its turn once, with a harm that the seed chooses (`-Dmimicore.chaos.seed=`);
/// `-Dmimicore.chaos.seconds=` goes on at random for so long.
class FleetChaosTest {
    private static final Logger log = LoggerFactory.getLogger(FleetChaosTest.class);

    private static final long SEED = Long.getLong("mimicore.chaos.seed", 20_261_124);
    private static final Duration LONGER =
            Duration.ofSeconds(Long.getLong("mimicore.chaos.seconds", 0));

    /// How soon after the last part is well all nodes have the newest version, on a machine that is
    /// fast enough for an edit without faults to be nowhere near it.
    private static final Duration CAUGHT_UP = Duration.ofSeconds(5);

    /// Edits without faults, by which a slow machine is known.
    private static final int YARDSTICKS = 3;

    /// Those that are harmed at a time: neither needs the other.
    private static final List<List<Victim>> TOGETHER =
            List.of(
                    List.of(Victim.LEADER, Victim.WORKER),
                    List.of(Victim.ETCD_MEMBER, Victim.NODE),
                    List.of(Victim.FOLLOWER, Victim.MINIO));

    private static final Duration EDIT_EVERY = Duration.ofMillis(700);
    private static final Duration PACE = Duration.ofMillis(8);
    private static final String PLAIN = "plain";
    private static final String CODED = "coded";
    private static final Pattern PUBLISHED = Pattern.compile("published version=(\\d+)");

    @TempDir private Path root;
    private final Random random = new Random(SEED);
    private final Map<FleetMember, List<Load>> running = new HashMap<>();
    private final List<Load> ended = new ArrayList<>();
    private Fleet fleet;
    private FleetFaults faults;
    private int plainMark;
    private int codedMark;
    private Duration patience = CAUGHT_UP;

    @BeforeEach
    void startFleet() {
        fleet = Fleet.start(root, new Fleet.Size(3, 2, 2, 2));
        faults = new FleetFaults(fleet, random);
    }

    @AfterEach
    void stopFleet() {
        running.values().stream().flatMap(List::stream).forEach(Load::close);
        fleet.close();
    }

    @Test
    void everyPart_killedPausedOrCutOff_costsNoRequestAndLosesNoVersion() {
        editCoded();
        editPlain();
        fleet.awaitServed(CODED, codedMark);
        patience = CAUGHT_UP.plus(yardstick().multipliedBy(4));
        fleet.nodes().forEach(this::load);
        for (List<Fault> round : turns()) {
            suffer(round);
        }
        long end = System.nanoTime() + LONGER.toNanos();
        while (System.nanoTime() - end < 0) {
            suffer(anyRound());
        }
        running.values().forEach(this::finish);
        log.info("chaos: {} answers", ended.stream().mapToLong(Load::count).sum());
        ended.forEach(FleetChaosTest::requireWhole);
        requireEachVersionOnceAndKept();
        requireOneArtifactForEachBuild();
    }

    /// The longest that an edit takes while all is well.
    private Duration yardstick() {
        Duration longest = Duration.ZERO;
        for (int i = 0; i < YARDSTICKS; i++) {
            long begun = System.nanoTime();
            editPlain();
            fleet.awaitServed(PLAIN, plainMark);
            Duration took = Duration.ofNanos(System.nanoTime() - begun);
            longest = took.compareTo(longest) > 0 ? took : longest;
        }
        return longest;
    }

    /// Every victim once, every harm twice, two at a time.
    private List<List<Fault>> turns() {
        List<Harm> harms = new ArrayList<>(List.of(Harm.values()));
        harms.addAll(List.of(Harm.values()));
        Collections.shuffle(harms, random);
        List<List<Fault>> rounds = new ArrayList<>();
        for (List<Victim> victims : TOGETHER) {
            rounds.add(
                    victims.stream()
                            .map(victim -> new Fault(victim, harms.removeFirst()))
                            .toList());
        }
        return rounds;
    }

    private List<Fault> anyRound() {
        return List.of(
                new Fault(anyOf(Victim.LEADER, Victim.FOLLOWER, Victim.ETCD_MEMBER), anyHarm()),
                new Fault(anyOf(Victim.WORKER, Victim.MINIO, Victim.NODE), anyHarm()));
    }

    private Victim anyOf(Victim... victims) {
        return victims[random.nextInt(victims.length)];
    }

    private Harm anyHarm() {
        List<Harm> harms = List.of(Harm.values());
        return harms.get(random.nextInt(harms.size()));
    }

    /// Does harm, goes on editing until every lease is over, heals, and waits for all nodes.
    private void suffer(List<Fault> round) {
        List<Chosen> chosen = round.stream().map(faults::choose).toList();
        String what = String.join(", ", chosen.stream().map(Chosen::name).toList());
        log.info("chaos: {} seed={}", what, SEED);
        chosen.stream().map(Chosen::silenced).filter(running::containsKey).forEach(this::unload);
        chosen.forEach(it -> it.harming().run());
        long until =
                System.nanoTime()
                        + round.stream()
                                .mapToLong(fault -> fault.outlastsItsLease().toNanos())
                                .max()
                                .orElseThrow();
        editCoded();
        while (System.nanoTime() - until < 0) {
            editPlain();
            LockSupport.parkNanos(EDIT_EVERY.toNanos());
        }
        chosen.forEach(it -> it.healing().run());
        long healed = System.nanoTime();
        fleet.awaitServed(PLAIN, plainMark);
        Duration took = Duration.ofNanos(System.nanoTime() - healed);
        log.info("chaos: {}: caught up after {} ms", what, took.toMillis());
        assertThat(took).as(what + ", seed " + SEED).isLessThanOrEqualTo(patience);
        assertThat(fleet.nodes())
                .allSatisfy(node ->
                        assertThat(node.isAlive())
                                .as("%s after %s, seed %d%n%s", node, what, SEED, node.log())
                                .isTrue());
        fleet.awaitServed(CODED, codedMark);
        chosen.stream().map(Chosen::silenced).filter(fleet.nodes()::contains).forEach(this::load);
    }

    private void editPlain() {
        plainMark++;
        fleet.workspace().replace(PLAIN + ".json", Marked.plain(PLAIN, plainMark));
    }

    private void editCoded() {
        codedMark++;
        fleet.workspace().replace(CODED + ".json", Marked.withCode(CODED, codedMark));
    }

    private void load(FleetMember node) {
        running.put(
                node,
                List.of(
                        Load.start(node.traffic(), Marked.request(PLAIN), 1, PACE),
                        Load.start(node.traffic(), Marked.request(CODED), 1, PACE)));
    }

    private void unload(FleetMember node) {
        List<Load> loads = running.remove(node);
        if (loads != null) {
            finish(loads);
        }
    }

    private void finish(List<Load> loads) {
        loads.forEach(Load::finish);
        ended.addAll(loads);
    }

    /// One connection asked, so its answers are in order: each is whole, and none goes back.
    private static void requireWhole(Load load) {
        assertThat(load.failures()).as("seed " + SEED).isEmpty();
        assertThat(load.count()).isPositive();
        Map<Long, String> bodies = new HashMap<>();
        long version = 0;
        int mark = 0;
        for (Load.Sample sample : load.samples().keySet()) {
            String what = sample + ", seed " + SEED;
            assertThat(sample.status()).as(what).isEqualTo(200);
            int seen = Integer.parseInt(sample.etag().replace("\"", ""));
            assertThat(sample.body()).as(what).isEqualTo(Marked.body(seen));
            assertThat(sample.version()).as(what).isGreaterThanOrEqualTo(version);
            assertThat(seen).as(what).isGreaterThanOrEqualTo(mark);
            assertThat(bodies.putIfAbsent(sample.version(), sample.body()))
                    .as(what)
                    .isIn(null, sample.body());
            version = sample.version();
            mark = seen;
        }
    }

    /// No number was given twice, by whoever led or had led, and none that was given is missing.
    private void requireEachVersionOnceAndKept() {
        List<Long> published = new ArrayList<>();
        for (FleetMember controlPlane : fleet.controlPlanes()) {
            PUBLISHED
                    .matcher(controlPlane.log())
                    .results()
                    .forEach(found -> published.add(Long.valueOf(found.group(1))));
        }
        assertThat(published).as("seed " + SEED).isNotEmpty().doesNotHaveDuplicates();
        Set<Long> kept = new HashSet<>();
        for (JsonNode version : listed("versions")) {
            kept.add(version.path("version").asLong());
        }
        long oldest = kept.stream().mapToLong(Long::longValue).min().orElseThrow();
        assertThat(kept)
                .as("seed " + SEED)
                .containsAll(published.stream().filter(version -> version >= oldest).toList());
    }

    private void requireOneArtifactForEachBuild() {
        // A build that was given up may still be taken up and come to its end.
        eventually(
                Fleet.PATIENCE,
                () -> {
                    List<String> states =
                            listed("builds").stream()
                                    .map(build -> build.path("state").asString())
                                    .toList();
                    assertThat(states).as("seed " + SEED).isNotEmpty().containsOnly("done");
                    assertThat(fleet.artifacts()).as("seed " + SEED).isEqualTo(states.size());
                });
    }

    private List<JsonNode> listed(String what) {
        MimicoreCommand.Outcome answer =
                fleet.admin(fleet.controlPlanes().getFirst(), "get", what, "-o", "json");
        assertThat(answer.exitCode()).as(answer.err()).isZero();
        return StreamSupport.stream(Answers.json(answer.out()).path(what).spliterator(), false)
                .toList();
    }
}
