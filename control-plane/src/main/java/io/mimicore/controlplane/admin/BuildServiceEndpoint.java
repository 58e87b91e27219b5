package io.mimicore.controlplane.admin;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.Timestamp;
import io.grpc.stub.StreamObserver;
import io.mimicore.build.BuildRecords;
import io.mimicore.build.BuildState;
import io.mimicore.build.QueuedRequest;
import io.mimicore.build.SourceProblem;
import io.mimicore.build.ToolchainVersions;
import io.mimicore.build.WorkerOffer;
import io.mimicore.ir.Digest;
import io.mimicore.proto.admin.v1.Build;
import io.mimicore.proto.admin.v1.BuildServiceGrpc;
import io.mimicore.proto.admin.v1.GetBuildRequest;
import io.mimicore.proto.admin.v1.ListBuildsRequest;
import io.mimicore.proto.admin.v1.ListBuildsResponse;
import io.mimicore.proto.admin.v1.Problem;
import io.mimicore.proto.admin.v1.ToolchainVersion;
import io.mimicore.proto.admin.v1.Worker;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreException;
import io.mimicore.store.StoreKeys;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Shows the builds of user code and the workers that are there. Reads the store, so every replica
/// answers. Thread-safe; calls block.
public final class BuildServiceEndpoint extends BuildServiceGrpc.BuildServiceImplBase {
    private static final Logger log = LoggerFactory.getLogger(BuildServiceEndpoint.class);
    private static final String PREFIX = "builds/";

    private final MetadataStore store;
    private final StoreKeys keys;

    /// @param keys the cluster's
    public BuildServiceEndpoint(MetadataStore store, StoreKeys keys) {
        this.store = requireNonNull(store, "store");
        this.keys = requireNonNull(keys, "keys");
    }

    @Override
    public void getBuild(GetBuildRequest request, StreamObserver<Build> responses) {
        Answers.answer(responses, () -> get(request.getName()));
    }

    @Override
    public void listBuilds(
            ListBuildsRequest request, StreamObserver<ListBuildsResponse> responses) {
        Answers.answer(responses, () -> list(request));
    }

    private Build get(String name) {
        Digest key;
        try {
            key = new Digest(Answers.idOf("name", name, PREFIX));
        } catch (IllegalArgumentException _) {
            throw AdminErrors.badField(
                    "name", "\"" + name + "\" (expected: builds/ and 64 hexadecimal digits)");
        }
        MetadataStore.Entry state = store.get(keys.buildState(key));
        if (state == null) {
            throw AdminErrors.notFound("Build", name);
        }
        MetadataStore.Entry request = store.get(keys.buildRequest(key));
        var record =
                new Records(
                        BuildRecords.decodeState(state.value()),
                        request == null ? null : BuildRecords.decodeRequest(request.value()),
                        store.get(keys.buildOwner(key)) != null);
        return encode(key, record, workers());
    }

    private ListBuildsResponse list(ListBuildsRequest request) {
        Found found = new Found();
        for (MetadataStore.Entry entry : store.list(keys.builds()).entries()) {
            Digest key = keys.buildKey(entry.key());
            if (key != null) {
                found.take(key, entry, keys);
            }
        }
        List<WorkerOffer> workers = workers();
        NavigableMap<String, Build> builds = new TreeMap<>();
        found.states.forEach((key, state) -> {
            var record = new Records(state, found.requests.get(key), found.owned.contains(key));
            builds.put(order(key, state), encode(key, record, workers));
        });
        Pages.Page<Build> page = Pages.of(builds, request.getPageSize(), request.getPageToken());
        ListBuildsResponse.Builder response =
                ListBuildsResponse.newBuilder()
                        .addAllBuilds(page.items())
                        .setNextPageToken(page.nextToken());
        workers.forEach(worker -> response.addWorkers(encode(worker)));
        ToolchainVersions.all(workers)
                .values()
                .forEach(versions -> response.addAllToolchainVersions(encode(versions)));
        return response.build();
    }

    private List<WorkerOffer> workers() {
        List<WorkerOffer> workers = new ArrayList<>();
        for (MetadataStore.Entry entry : store.list(keys.workers()).entries()) {
            try {
                workers.add(BuildRecords.decodeWorker(entry.value()));
            } catch (StoreException e) {
                log.warn("a record of a worker is damaged and left out key={}", entry.key(), e);
            }
        }
        return workers;
    }

    /// What the store has about one build.
    ///
    /// @param owned whether a worker holds it
    private record Records(BuildState state, @Nullable QueuedRequest request, boolean owned) {}

    /// The records of all builds, as they are found.
    private static final class Found {
        final Map<Digest, BuildState> states = new HashMap<>();
        final Map<Digest, QueuedRequest> requests = new HashMap<>();
        final Set<Digest> owned = new HashSet<>();

        void take(Digest key, MetadataStore.Entry entry, StoreKeys keys) {
            try {
                if (entry.key().equals(keys.buildState(key))) {
                    states.put(key, BuildRecords.decodeState(entry.value()));
                } else if (entry.key().equals(keys.buildRequest(key))) {
                    requests.put(key, BuildRecords.decodeRequest(entry.value()));
                } else if (entry.key().equals(keys.buildOwner(key))) {
                    owned.add(key);
                }
            } catch (StoreException e) {
                // The others are shown all the same.
                log.warn("a record of a build is damaged and left out key={}", entry.key(), e);
            }
        }
    }

    private static String order(Digest key, BuildState state) {
        return switch (state) {
                    case BuildState.Running _ -> "0";
                    case BuildState.Queued _ -> "1";
                    case BuildState.Failed _ -> "2";
                    case BuildState.Done _ -> "3";
                }
                + key.hex();
    }

    private static Worker encode(WorkerOffer worker) {
        Worker.Builder encoded = Worker.newBuilder().setId(worker.id());
        worker.toolchains()
                .forEach(toolchain ->
                        encoded.addToolchains(toolchain.name() + " " + toolchain.version()));
        return encoded.build();
    }

    private static List<ToolchainVersion> encode(ToolchainVersions versions) {
        String chosen = versions.chosen();
        return versions.workers().entrySet().stream()
                .map(offer ->
                        ToolchainVersion.newBuilder()
                                .setToolchain(versions.toolchain())
                                .setVersion(offer.getKey())
                                .setWorkers(offer.getValue())
                                .setChosen(offer.getKey().equals(chosen))
                                .build())
                .toList();
    }

    private static Build encode(Digest key, Records records, List<WorkerOffer> workers) {
        BuildState state = records.state();
        QueuedRequest request = records.request();
        Build.Builder build =
                Build.newBuilder().setName(PREFIX + key.hex()).setAttempt(state.attempt());
        if (request != null) {
            build.setToolchain(request.toolchain()).setToolchainVersion(request.toolchainVersion());
        }
        switch (state) {
            case BuildState.Queued queued -> {
                build.setState(Build.State.QUEUED).setReason(queued.reason());
                date(build, queued.sinceMillis());
            }
            case BuildState.Running running -> {
                build.setState(Build.State.RUNNING).setWorker(running.worker());
                date(build, running.sinceMillis());
            }
            case BuildState.Done done ->
                    build.setState(Build.State.DONE)
                            .setArtifactDigest(done.artifact().hex())
                            .setArtifactBytes(done.bytes())
                            .setBuildMillis(done.millis());
            case BuildState.Failed failed -> {
                build.setState(Build.State.FAILED);
                failed.problems().forEach(problem -> build.addProblems(encode(problem)));
            }
        }
        return build.setBlocked(blocked(records, workers)).build();
    }

    private static void date(Build.Builder build, long sinceMillis) {
        if (sinceMillis > 0) {
            Instant since = Instant.ofEpochMilli(sinceMillis);
            build.setStateTime(
                    Timestamp.newBuilder()
                            .setSeconds(since.getEpochSecond())
                            .setNanos(since.getNano()));
        }
    }

    /// Why nobody is at a build that is to be done; empty: somebody is, or may be any moment.
    private static String blocked(Records records, List<WorkerOffer> workers) {
        QueuedRequest request = records.request();
        boolean open =
                records.state() instanceof BuildState.Queued
                        || records.state() instanceof BuildState.Running;
        if (!open || records.owned()) {
            return "";
        }
        if (request != null
                && workers.stream()
                        .noneMatch(worker ->
                                worker.toolchains()
                                        .contains(
                                                new WorkerOffer.Toolchain(
                                                        request.toolchain(),
                                                        request.toolchainVersion())))) {
            return "no worker offers " + request.toolchain() + " " + request.toolchainVersion();
        }
        return records.state() instanceof BuildState.Running running
                ? "worker " + running.worker() + " is gone, another will take it"
                : "";
    }

    private static Problem encode(SourceProblem problem) {
        return Problem.newBuilder()
                .setLine(problem.line())
                .setColumn(problem.column())
                .setCode(problem.code())
                .setMessage(problem.message())
                .setHint(problem.hint())
                .build();
    }
}
