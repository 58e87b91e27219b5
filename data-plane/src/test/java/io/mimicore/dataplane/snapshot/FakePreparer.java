package io.mimicore.dataplane.snapshot;

import io.mimicore.ir.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/// Prepares by loading artifacts and nothing else; keeps what happened, in order.
final class FakePreparer implements Preparer {
    private final ArtifactCache artifacts;
    private final List<String> history = new ArrayList<>();
    private final Map<Long, Failure> failures = new HashMap<>();
    private final Map<Long, CountDownLatch> gates = new HashMap<>();

    FakePreparer(ArtifactCache artifacts) {
        this.artifacts = artifacts;
    }

    /// How a preparation ends badly.
    @FunctionalInterface
    interface Failure {
        void fail() throws RejectedException;
    }

    /// Lets the preparation of a version fail.
    synchronized void fail(long version, Failure failure) {
        failures.put(version, failure);
    }

    /// Lets the preparation of a version wait until the gate is opened or the wait interrupted.
    synchronized CountDownLatch gate(long version) {
        var gate = new CountDownLatch(1);
        gates.put(version, gate);
        return gate;
    }

    /// What happened: `prepare 1`, `interrupt 1`, `activate 1`, `discard 1`.
    synchronized List<String> history() {
        return List.copyOf(history);
    }

    @Override
    public Prepared prepare(SnapshotContent content, Sources sources)
            throws RejectedException, InterruptedException {
        long version = content.version();
        note("prepare " + version);
        CountDownLatch gate = gateOf(version);
        if (gate != null) {
            try {
                gate.await();
            } catch (InterruptedException e) {
                note("interrupt " + version);
                throw e;
            }
        }
        Failure failure = failureOf(version);
        if (failure != null) {
            failure.fail();
        }
        for (Digest artifact : content.artifacts()) {
            load(artifact, sources);
        }
        return new Prepared() {
            @Override
            public void activate() {
                note("activate " + version);
            }

            @Override
            public void discard() {
                note("discard " + version);
            }
        };
    }

    private void load(Digest artifact, Sources sources)
            throws RejectedException, InterruptedException {
        try {
            switch (sources) {
                case DISK -> artifacts.loadFromDisk(artifact);
                case ANYWHERE -> artifacts.load(artifact);
            }
        } catch (IOException e) {
            throw new RejectedException("", "ARTIFACT", String.valueOf(e.getMessage()));
        }
    }

    private synchronized void note(String event) {
        history.add(event);
    }

    private synchronized @Nullable CountDownLatch gateOf(long version) {
        return gates.get(version);
    }

    private synchronized @Nullable Failure failureOf(long version) {
        return failures.get(version);
    }
}
