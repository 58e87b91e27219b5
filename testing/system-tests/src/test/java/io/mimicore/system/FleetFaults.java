package io.mimicore.system;

import io.mimicore.testkit.process.RealEtcd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// What can happen to the parts of a fleet. Not thread-safe.
final class FleetFaults {
    /// Longer than the lease of a leader, 10 s.
    private static final Duration LONGER_THAN_A_LEADERSHIP = Duration.ofSeconds(12);

    /// Longer than the lease of a build, 20 s.
    private static final Duration LONGER_THAN_A_BUILD = Duration.ofSeconds(22);

    private final Fleet fleet;
    private final Random random;

    FleetFaults(Fleet fleet, Random random) {
        this.fleet = fleet;
        this.random = random;
    }

    /// To whom it happens.
    enum Victim {
        LEADER,
        FOLLOWER,
        WORKER,
        ETCD_MEMBER,
        MINIO,
        NODE
    }

    /// What happens.
    enum Harm {
        /// SIGKILL; healed by a new start.
        KILL,
        /// SIGSTOP; healed by SIGCONT.
        PAUSE,
        /// No byte goes through between it and what it depends on, or what depends on it.
        CUT
    }

    /// One fault.
    record Fault(Victim victim, Harm harm) {
        /// How long it has to last to outlast every lease that its victim may hold.
        Duration outlastsItsLease() {
            return victim == Victim.WORKER && harm != Harm.KILL
                    ? LONGER_THAN_A_BUILD
                    : LONGER_THAN_A_LEADERSHIP;
        }
    }

    /// Chooses the fault's victim; it is still well.
    ///
    /// @return what does it
    Chosen choose(Fault fault) {
        return switch (fault.victim()) {
            case LEADER -> member(fleet.leader(), fault.harm());
            case FOLLOWER -> {
                FleetMember leader = fleet.leader();
                yield member(
                        any(fleet.controlPlanes().stream().filter(it -> it != leader).toList()),
                        fault.harm());
            }
            case WORKER -> member(any(fleet.workers()), fault.harm());
            case NODE -> member(any(fleet.nodes()), fault.harm());
            case ETCD_MEMBER -> etcd(random.nextInt(fleet.etcd().size()), fault.harm());
            case MINIO -> minio(fault.harm());
        };
    }

    /// A fault with its victim, before it happens.
    ///
    /// @param silenced a node that cannot be asked while it lasts
    record Chosen(
            String name, @Nullable FleetMember silenced, Runnable harming, Runnable healing) {}

    private Chosen member(FleetMember victim, Harm harm) {
        boolean silenced = fleet.nodes().contains(victim) && harm != Harm.CUT;
        FleetMember node = silenced ? victim : null;
        String name = harm + " " + victim.name();
        return switch (harm) {
            case KILL -> new Chosen(name, node, victim::kill, victim::start);
            case PAUSE -> new Chosen(name, node, victim::pause, victim::resume);
            case CUT -> new Chosen(name, node, () -> fleet.cut(victim), () -> fleet.join(victim));
        };
    }

    private Chosen etcd(int number, Harm harm) {
        RealEtcd victim = fleet.etcd().get(number);
        String name = harm + " etcd-" + (number + 1);
        return switch (harm) {
            case KILL -> new Chosen(name, null, victim::kill, victim::start);
            case PAUSE -> new Chosen(name, null, victim::pause, victim::resume);
            case CUT ->
                    new Chosen(
                            name, null, () -> fleet.cutEtcd(number), () -> fleet.joinEtcd(number));
        };
    }

    private Chosen minio(Harm harm) {
        String name = harm + " minio";
        return switch (harm) {
            case KILL -> new Chosen(name, null, this::killMinio, this::startMinio);
            case PAUSE -> new Chosen(name, null, fleet.minio()::pause, fleet.minio()::resume);
            case CUT -> new Chosen(name, null, fleet::cutMinio, fleet::joinMinio);
        };
    }

    private void killMinio() {
        try {
            fleet.minio().kill();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while MinIO ended", e);
        }
    }

    private void startMinio() {
        try {
            fleet.minio().start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private <T> T any(List<T> choice) {
        return choice.get(random.nextInt(choice.size()));
    }
}
