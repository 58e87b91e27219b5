package io.mimicore.controlplane.admin;

import static java.util.Objects.requireNonNull;

import io.grpc.stub.StreamObserver;
import io.mimicore.build.BuildRecords;
import io.mimicore.build.BuildState;
import io.mimicore.build.QueuedRequest;
import io.mimicore.build.SourceProblem;
import io.mimicore.build.WorkerOffer;
import io.mimicore.ir.Digest;
import io.mimicore.proto.admin.v1.Build;
import io.mimicore.proto.admin.v1.BuildServiceGrpc;
import io.mimicore.proto.admin.v1.GetBuildRequest;
import io.mimicore.proto.admin.v1.ListBuildsRequest;
import io.mimicore.proto.admin.v1.ListBuildsResponse;
import io.mimicore.proto.admin.v1.Problem;
import io.mimicore.proto.admin.v1.Worker;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreException;
import io.mimicore.store.StoreKeys;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
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
        return encode(
                key,
                BuildRecords.decodeState(state.value()),
                request == null ? null : BuildRecords.decodeRequest(request.value()));
    }

    private ListBuildsResponse list(ListBuildsRequest request) {
        Map<Digest, BuildState> states = new HashMap<>();
        Map<Digest, QueuedRequest> requests = new HashMap<>();
        for (MetadataStore.Entry entry : store.list(keys.builds()).entries()) {
            Digest key = keys.buildKey(entry.key());
            if (key != null) {
                take(key, entry, states, requests);
            }
        }
        NavigableMap<String, Build> builds = new TreeMap<>();
        states.forEach((key, state) ->
                builds.put(order(key, state), encode(key, state, requests.get(key))));
        Pages.Page<Build> page = Pages.of(builds, request.getPageSize(), request.getPageToken());
        ListBuildsResponse.Builder response =
                ListBuildsResponse.newBuilder()
                        .addAllBuilds(page.items())
                        .setNextPageToken(page.nextToken());
        store.list(keys.workers()).entries().forEach(entry -> response.addWorkers(worker(entry)));
        return response.build();
    }

    private void take(
            Digest key,
            MetadataStore.Entry entry,
            Map<Digest, BuildState> states,
            Map<Digest, QueuedRequest> requests) {
        try {
            if (entry.key().equals(keys.buildState(key))) {
                states.put(key, BuildRecords.decodeState(entry.value()));
            } else if (entry.key().equals(keys.buildRequest(key))) {
                requests.put(key, BuildRecords.decodeRequest(entry.value()));
            }
        } catch (StoreException e) {
            // The others are shown all the same.
            log.warn("a record of a build is damaged and left out key={}", entry.key(), e);
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

    private static Worker worker(MetadataStore.Entry entry) {
        WorkerOffer worker = BuildRecords.decodeWorker(entry.value());
        Worker.Builder encoded = Worker.newBuilder().setId(worker.id());
        worker.toolchains()
                .forEach(toolchain ->
                        encoded.addToolchains(toolchain.name() + " " + toolchain.version()));
        return encoded.build();
    }

    private static Build encode(Digest key, BuildState state, @Nullable QueuedRequest request) {
        Build.Builder build =
                Build.newBuilder().setName(PREFIX + key.hex()).setAttempt(state.attempt());
        if (request != null) {
            build.setToolchain(request.toolchain()).setToolchainVersion(request.toolchainVersion());
        }
        switch (state) {
            case BuildState.Queued queued ->
                    build.setState(Build.State.QUEUED).setReason(queued.reason());
            case BuildState.Running running ->
                    build.setState(Build.State.RUNNING).setWorker(running.worker());
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
        return build.build();
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
