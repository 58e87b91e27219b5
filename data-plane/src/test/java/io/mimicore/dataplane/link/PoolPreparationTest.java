package io.mimicore.dataplane.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimicore.artifact.Artifact;
import io.mimicore.dataplane.code.CodePool;
import io.mimicore.dataplane.code.CodePoolFactory;
import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.UserCode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PoolPreparationTest {
    private static final long PATIENCE_SECONDS = 60;

    private final ScriptedPools pools = new ScriptedPools();

    /// Each waits for the other, so that one after the other would never end.
    @Test
    void prepare_severalApis_areMadeAtTheSameTime() {
        var both = new CyclicBarrier(2);
        CodePoolFactory meeting =
                (api, code, artifact) -> {
                    try {
                        both.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
                    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
                        throw new CodePoolFactory.PrepareException("alone", e);
                    }
                    return pools.prepare(api, code, artifact);
                };

        assertThat(new PoolPreparation(meeting, 2).prepare(apis(4)))
                .hasSize(4)
                .allMatch(PoolPreparation.Outcome.Ready.class::isInstance);
    }

    @Test
    void prepare_moreApisThanThreads_areMadeAFewAtATime() {
        var now = new AtomicInteger();
        var most = new AtomicInteger();
        CodePoolFactory counting =
                (api, code, artifact) -> {
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    CodePool pool = pools.prepare(api, code, artifact);
                    now.decrementAndGet();
                    return pool;
                };

        new PoolPreparation(counting, 2).prepare(apis(50));

        assertThat(pools.pools()).hasSize(50);
        assertThat(most).hasValueLessThanOrEqualTo(2);
    }

    @Test
    void prepare_someFail_tellsEachInItsPlace() {
        CodePoolFactory choosy =
                (api, code, artifact) -> {
                    if (api.equals("api1")) {
                        throw new CodePoolFactory.PrepareException("does not start");
                    }
                    return pools.prepare(api, code, artifact);
                };

        List<PoolPreparation.Outcome> outcomes = new PoolPreparation(choosy, 2).prepare(apis(3));

        assertThat(outcomes.get(0)).isInstanceOf(PoolPreparation.Outcome.Ready.class);
        assertThat(outcomes.get(1))
                .isEqualTo(
                        new PoolPreparation.Outcome.Failed(
                                new LinkProblem(
                                        "api1",
                                        DiagnosticCode.BUILD_UNAVAILABLE,
                                        "does not start")));
        assertThat(outcomes.get(2)).isInstanceOf(PoolPreparation.Outcome.Ready.class);
    }

    @Test
    void prepare_oneThrowsWhatItShouldNot_leavesNoPoolBehind() {
        CodePoolFactory broken =
                (api, code, artifact) -> {
                    if (api.equals("api1")) {
                        throw new IllegalStateException("a fault of the node");
                    }
                    return pools.prepare(api, code, artifact);
                };

        assertThatThrownBy(() -> new PoolPreparation(broken, 2).prepare(apis(3)))
                .hasRootCauseMessage("a fault of the node");
        assertThat(pools.pools()).hasSize(2).allMatch(pool -> pool.closes() == 1);
    }

    @Test
    void prepare_interrupted_endsWithProblems() throws InterruptedException {
        var begun = new CountDownLatch(1);
        CodePoolFactory endless = new Endless(begun);
        List<PoolPreparation.Outcome> outcomes = new ArrayList<>();
        Thread thread =
                Thread.ofPlatform()
                        .start(() ->
                                outcomes.addAll(new PoolPreparation(endless, 2).prepare(apis(5))));
        assertThat(begun.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();

        thread.interrupt();
        thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));

        assertThat(outcomes).hasSize(5).allMatch(PoolPreparation.Outcome.Failed.class::isInstance);
    }

    /// Ends by interruption only.
    private record Endless(CountDownLatch begun) implements CodePoolFactory {
        @Override
        public CodePool prepare(String api, UserCode code, Artifact artifact)
                throws PrepareException {
            begun.countDown();
            try {
                new CountDownLatch(1).await();
                throw new IllegalStateException("not reached");
            } catch (InterruptedException e) {
                throw new PrepareException("start: interrupted", e);
            }
        }
    }

    private static List<LoadedApi> apis(int count) {
        List<LoadedApi> apis = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            apis.add(ApiFixture.named("api" + i).code(ApiFixture.userCode("f")).load());
        }
        return apis;
    }
}
