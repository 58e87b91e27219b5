package io.mimicore.dataplane.link;

import io.mimicore.dataplane.code.CodePoolFactory;
import io.mimicore.diagnostics.DiagnosticCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Makes the pools of several APIs, some at a time: each loads classes and runs a module's start on
/// one processor, so a node with many APIs is ready sooner. Thread-safe.
final class PoolPreparation {
    private final CodePoolFactory pools;
    private final int threadsMax;

    /// @param threadsMax preparations at a time, at least 1
    PoolPreparation(CodePoolFactory pools, int threadsMax) {
        this.pools = pools;
        this.threadsMax = threadsMax;
    }

    /// How the preparation of one API ended.
    sealed interface Outcome {
        /// The caller holds the pool.
        record Ready(SharedPool pool) implements Outcome {}

        /// There is no pool.
        record Failed(LinkProblem problem) implements Outcome {}
    }

    /// Makes a pool for each API, and waits for all of them. Interrupted, it ends early, with
    /// problems.
    ///
    /// @return in the order of `apis`
    List<Outcome> prepare(List<LoadedApi> apis) {
        if (apis.size() <= 1) {
            return apis.stream().map(this::prepare).toList();
        }
        List<Future<Outcome>> futures = new ArrayList<>();
        // Its end waits for all that runs; an interruption ends that and drops the rest.
        try (ExecutorService threads = start(Math.min(threadsMax, apis.size()), apis.size())) {
            for (LoadedApi api : apis) {
                futures.add(threads.submit(() -> prepare(api)));
            }
        }
        return outcomes(apis, futures);
    }

    private static ExecutorService start(int threads, int tasks) {
        return new ThreadPoolExecutor(
                threads,
                threads,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(tasks),
                Thread.ofPlatform().daemon().name("code-prepare-", 0).factory());
    }

    private static List<Outcome> outcomes(List<LoadedApi> apis, List<Future<Outcome>> futures) {
        List<Outcome> outcomes = new ArrayList<>();
        Throwable broken = null;
        for (int i = 0; i < futures.size(); i++) {
            Future<Outcome> future = futures.get(i);
            switch (future.state()) {
                case SUCCESS -> outcomes.add(future.resultNow());
                case FAILED -> broken = future.exceptionNow();
                case CANCELLED, RUNNING ->
                        outcomes.add(
                                failed(
                                        apis.get(i),
                                        DiagnosticCode.BUILD_UNAVAILABLE,
                                        "start: interrupted"));
            }
        }
        if (broken != null) {
            for (Outcome outcome : outcomes) {
                if (outcome instanceof Outcome.Ready(SharedPool pool)) {
                    pool.release();
                }
            }
            throw new IllegalStateException("a pool of user code could not be made", broken);
        }
        return outcomes;
    }

    private Outcome prepare(LoadedApi api) {
        if (api.artifact() == null || api.ir().userCode() == null) {
            return failed(
                    api,
                    DiagnosticCode.BUILD_UNAVAILABLE,
                    "artifact: none (expected: one, as routes call user code)");
        }
        try {
            return new Outcome.Ready(
                    new SharedPool(
                            pools.prepare(
                                    api.ir().name(), api.ir().userCode(), api.artifact().load())));
        } catch (ArtifactUnavailableException e) {
            return failed(api, DiagnosticCode.ARTIFACT_UNAVAILABLE, String.valueOf(e.getMessage()));
        } catch (CodePoolFactory.PrepareException | IOException e) {
            return failed(api, DiagnosticCode.BUILD_UNAVAILABLE, String.valueOf(e.getMessage()));
        }
    }

    private static Outcome failed(LoadedApi api, DiagnosticCode code, String message) {
        return new Outcome.Failed(new LinkProblem(api.ir().name(), code, message));
    }
}
