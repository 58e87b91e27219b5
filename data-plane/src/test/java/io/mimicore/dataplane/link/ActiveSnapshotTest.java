package io.mimicore.dataplane.link;

import static io.mimicore.dataplane.link.RouteFixture.call;
import static io.mimicore.dataplane.link.RouteFixture.hole;
import static io.mimicore.dataplane.link.RouteFixture.literal;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.code.CodeFailure;
import io.mimicore.dataplane.code.CodePool;
import io.mimicore.dataplane.limit.ManualTicker;
import io.mimicore.dataplane.metrics.HttpMetrics;
import io.mimicore.dataplane.value.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ActiveSnapshotTest {
    private static final CodePool.Completion IGNORED =
            new CodePool.Completion() {
                @Override
                public void completed(Value result) {}

                @Override
                public void failed(CodeFailure failure) {}
            };

    private final ScriptedPools pools = new ScriptedPools();
    private final SnapshotLinker linker =
            new SnapshotLinker(pools, new ManualTicker(), new ScriptedUpstreams(), new NoProxies());
    private final ActiveSnapshot active = new ActiveSnapshot(new HttpMetrics());

    @Test
    void swap_lastHolderOfTheOldOne_closesItsPool() throws LinkException {
        active.swap(snapshot(1, null));
        PreparedSnapshot old = requireNonNull(active.current());
        assertThat(old.tryRetain()).isTrue();
        active.swap(snapshot(2, old));

        assertThat(pools.pools().get(0).closes()).isZero();
        old.release();
        assertThat(pools.pools().get(0).closes()).isEqualTo(1);
        assertThat(old.tryRetain()).isFalse();
        active.clear();
        assertThat(pools.pools().get(1).closes()).isEqualTo(1);
        assertThat(active.current()).isNull();
    }

    @Test
    void swap_whileRequestsRun_noneUsesAClosedPool() throws Exception {
        active.swap(snapshot(0, null));
        var stop = new AtomicBoolean();
        var calls = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            threads.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                while (!stop.get()) {
                                    PreparedSnapshot seen = requireNonNull(active.current());
                                    if (seen.tryRetain()) {
                                        requireNonNull(seen.api("a"))
                                                .pool()
                                                .call(0, List.of(), IGNORED);
                                        calls.incrementAndGet();
                                        seen.release();
                                    }
                                }
                            }));
        }
        for (int version = 1; version <= 300; version++) {
            active.swap(snapshot(version, active.current()));
        }
        stop.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        active.clear();

        assertThat(calls.get()).isPositive();
        assertThat(pools.pools())
                .hasSize(301)
                .allSatisfy(pool -> {
                    assertThat(pool.closes()).isEqualTo(1);
                    assertThat(pool.callsAfterClose()).isZero();
                });
    }

    /// Every version has an artifact of its own, so it has a pool of its own.
    private PreparedSnapshot snapshot(int version, @Nullable PreparedSnapshot previous)
            throws LinkException {
        LoadedApi api =
                ApiFixture.named("a")
                        .code(ApiFixture.userCode("f"))
                        .route(RouteFixture.of("GET", "/x").text(literal("x"), hole(call(0))))
                        .load("artifact " + version);
        return linker.link(version, ApiFixture.digest("root"), List.of(api), previous);
    }
}
