package io.mimicore.dataplane.snapshot;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.rpc.Code;
import com.google.rpc.RetryInfo;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.mimicore.dataplane.limit.ManualTicker;
import io.mimicore.dataplane.snapshot.ClientFixture.Setup;
import io.mimicore.proto.snapshot.v1.NodeMessage;
import io.mimicore.proto.snapshot.v1.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a client does when streams come and go, and what it does in time.
final class SnapshotStreamTest {
    @TempDir Path state;

    private Setup setup;
    private FakeControlPlane controlPlane;
    private SnapshotContent first;
    private SnapshotContent second;

    @BeforeEach
    void make() throws IOException {
        setup = Setup.in(state);
        controlPlane = setup.controlPlane();
        first = setup.versions().of(1, Versions.text("a", "one"));
        second = setup.versions().of(2, Versions.text("a", "two"));
    }

    @AfterEach
    void stop() {
        controlPlane.close();
    }

    @Test
    void stream_endsWhilePreparing_isReadyForTheNextOne() throws Exception {
        try (ClientFixture node = setup.client().start()) {
            CountDownLatch gate = node.preparer.gate(1);
            FakeControlPlane.Stream broken = controlPlane.stream();
            broken.hello();
            broken.offer(first);
            node.awaitHistory("prepare 1");
            broken.fail(Status.UNAVAILABLE);

            FakeControlPlane.Stream next = controlPlane.stream();
            assertThat(next.hello().getVersion()).isZero();
            next.offer(first);
            gate.countDown();
            next.prepared(1);
            next.activate(1);
            next.active(1);
            assertThat(node.preparer.history()).containsExactly("prepare 1", "activate 1");
        }
    }

    @Test
    void stream_endsOncePrepared_isReadyForTheNextOne() throws Exception {
        try (ClientFixture node = setup.client().start()) {
            FakeControlPlane.Stream broken = controlPlane.stream();
            broken.hello();
            broken.offer(first);
            broken.prepared(1);
            broken.complete();

            FakeControlPlane.Stream next = controlPlane.stream();
            next.hello();
            next.bringTo(null, first);
            assertThat(node.preparer.history()).containsExactly("prepare 1", "activate 1");
        }
    }

    @Test
    void stream_endsOncePreparedAndAnotherIsOffered_givesItUp() throws Exception {
        try (ClientFixture node = setup.client().start()) {
            FakeControlPlane.Stream broken = controlPlane.stream();
            broken.hello();
            broken.offer(first);
            broken.prepared(1);
            broken.fail(Status.INTERNAL);

            FakeControlPlane.Stream next = controlPlane.stream();
            next.hello();
            next.bringTo(null, second);
            assertThat(node.preparer.history())
                    .containsExactly("prepare 1", "discard 1", "prepare 2", "activate 2");
        }
    }

    @Test
    void stream_endsWithinAnOffer_beginsAnew() throws Exception {
        try (ClientFixture _ = setup.client().start()) {
            FakeControlPlane.Stream broken = controlPlane.stream();
            broken.hello();
            broken.offer(Versions.pieces(null, first, 3).subList(0, 2));
            broken.fail(Status.UNAVAILABLE);

            FakeControlPlane.Stream next = controlPlane.stream();
            next.hello();
            next.bringTo(null, first);
        }
    }

    @Test
    void stream_endsOnceActive_saysWhatItHasOnTheNextOne() throws Exception {
        try (ClientFixture _ = setup.client().start()) {
            FakeControlPlane.Stream broken = controlPlane.stream();
            broken.hello();
            broken.bringTo(null, first);
            controlPlane.stop();
            controlPlane.start();

            FakeControlPlane.Stream next = controlPlane.stream();
            assertThat(next.hello().getVersion()).isEqualTo(1);
            next.bringTo(first, second);
        }
    }

    @Test
    void close_nobodyThere_ends() throws Exception {
        controlPlane.stop();
        ClientFixture node = setup.client().start();
        node.close();

        assertThat(node.preparer.history()).isEmpty();
    }

    @Test
    void connectNow_waitsForLong_connects() throws Exception {
        controlPlane.stop();
        try (ClientFixture node = setup.with(patient()).client().start()) {
            controlPlane.start();

            // Only the signal can bring it to try again within the time of this test.
            eventually(
                    ClientFixture.PATIENCE,
                    () -> {
                        node.client().connectNow();
                        assertThat(controlPlane.hasStream()).isTrue();
                    });
            controlPlane.stream().hello();
        }
    }

    @Test
    void reconnect_comesBackWhenTold_notBefore() throws Exception {
        try (ClientFixture _ = setup.client().start()) {
            FakeControlPlane.Stream stream = controlPlane.stream();
            stream.hello();
            long start = System.nanoTime();
            stream.reconnect(300);

            stream.awaitEnd();
            controlPlane.stream().hello();
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isGreaterThanOrEqualTo(Duration.ofMillis(300));
        }
    }

    @Test
    void reconnect_atOnce_doesNotWaitAsAfterAFailure() throws Exception {
        try (ClientFixture _ = setup.with(patient()).client().start()) {
            FakeControlPlane.Stream stream = controlPlane.stream();
            stream.hello();
            stream.reconnect(0);

            controlPlane.stream().hello();
        }
    }

    @Test
    void refused_withATimeToRetry_waitsThatLong() throws Exception {
        controlPlane.refuse(retryAfter(Duration.ofMillis(400)));
        long start = System.nanoTime();
        try (ClientFixture _ = setup.with(none()).client().start()) {
            controlPlane.stream().hello();

            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isGreaterThanOrEqualTo(Duration.ofMillis(400));
        }
    }

    @Test
    void refused_withoutATime_triesAgain() throws Exception {
        controlPlane.refuse(Status.UNAVAILABLE.asRuntimeException());
        controlPlane.refuse(Status.RESOURCE_EXHAUSTED.asRuntimeException());
        try (ClientFixture _ = setup.client().start()) {
            controlPlane.stream().hello();
        }
    }

    @Test
    void channel_cannotBeMade_triesAgain() throws Exception {
        var calls = new AtomicInteger();
        Supplier<Channel> channel =
                () -> {
                    if (calls.incrementAndGet() == 1) {
                        throw new IllegalStateException("no address yet");
                    }
                    return controlPlane.channel();
                };
        try (ClientFixture _ = setup.client(channel).start()) {
            controlPlane.stream().hello();
            assertThat(calls).hasValue(2);
        }
    }

    @Test
    void controlPlanes_oneIsGone_followsTheOther() throws Exception {
        try (var other = new FakeControlPlane().start();
                ClientFixture _ = setup.with(none()).client(both(other)).start()) {
            FakeControlPlane.Stream broken = controlPlane.stream();
            broken.hello();
            broken.bringTo(null, first);
            controlPlane.stop();

            FakeControlPlane.Stream next = other.stream();
            assertThat(next.hello().getVersion()).isEqualTo(1);
            next.bringTo(first, second);
        }
    }

    @Test
    void controlPlanes_nodeIsSentToOneByName_goesThere() throws Exception {
        try (var other = new FakeControlPlane().start();
                ClientFixture _ = setup.with(none()).client(both(other)).start()) {
            FakeControlPlane.Stream stream = controlPlane.stream();
            stream.hello();
            stream.reconnect(0, "first:7070");

            FakeControlPlane.Stream again = controlPlane.stream();
            again.hello();
            again.reconnect(0, "second:7070");
            other.stream().hello();
            assertThat(controlPlane.hasStream()).isFalse();
        }
    }

    @Test
    void controlPlanes_oneTakesConnectionsAndSaysNothing_followsTheOther() throws Exception {
        var ticker = new ManualTicker();
        var mute = new MuteChannel();
        var links =
                List.of(
                        new ControlPlanes.Link("", () -> mute),
                        new ControlPlanes.Link("", controlPlane::channel));
        try (ClientFixture node =
                setup.with(none()).with(ticker).client(new ControlPlanes(links)).start()) {
            eventually(ClientFixture.PATIENCE, () -> assertThat(mute.calls()).isOne());
            ticker.advance(SnapshotClient.CONNECT_MAX.toNanos());
            node.client().connectNow();

            controlPlane.stream().hello();
            assertThat(mute.cancelled()).isOne();
        }
    }

    @Test
    void report_everyTenSeconds_countsTheWindow() throws Exception {
        var ticker = new ManualTicker();
        try (ClientFixture node = setup.with(ticker).client().start()) {
            FakeControlPlane.Stream stream = controlPlane.stream();
            stream.hello();
            node.count(new TrafficTotals(20, 2, 1));
            ticker.advance(SnapshotClient.REPORT_EVERY.toNanos());
            node.client().connectNow();

            assertThat(stream.next().getReport())
                    .isEqualTo(
                            Report.newBuilder()
                                    .setWindowMillis(10_000)
                                    .setRequests(20)
                                    .setServerErrors(2)
                                    .setWasmFailures(1)
                                    .build());
        }
    }

    @Test
    void report_beforeAVersionTakesOver_closesTheWindowOfTheOldOne() throws Exception {
        var ticker = new ManualTicker();
        try (ClientFixture node = setup.with(ticker).client().start()) {
            FakeControlPlane.Stream stream = controlPlane.stream();
            stream.hello();
            stream.bringTo(null, first);
            stream.offer(second);
            stream.prepared(2);
            node.count(new TrafficTotals(5, 0, 0));
            ticker.advanceMillis(3_000);
            stream.activate(2);

            Report closed = stream.next().getReport();
            assertThat(closed.getVersion()).isEqualTo(1);
            assertThat(closed.getRequests()).isEqualTo(5);
            assertThat(closed.getWindowMillis()).isEqualTo(3_000);
            assertThat(stream.next().getMessageCase()).isEqualTo(NodeMessage.MessageCase.ACTIVE);
        }
    }

    @Test
    void activated_aMinuteAgo_isNotYoungAnyMore() throws Exception {
        var ticker = new ManualTicker();
        Path young = state.resolve("snapshots/young.version");
        try (ClientFixture node = setup.with(ticker).client().start()) {
            FakeControlPlane.Stream stream = controlPlane.stream();
            stream.hello();
            stream.bringTo(null, first);
            assertThat(young).hasContent("1 0\n");

            ticker.advance(CrashGuard.YOUNG.toNanos());
            node.client().connectNow();

            eventually(ClientFixture.PATIENCE, () -> assertThat(young).doesNotExist());
        }
    }

    private ControlPlanes both(FakeControlPlane other) {
        return new ControlPlanes(
                List.of(
                        new ControlPlanes.Link("first:7070", controlPlane::channel),
                        new ControlPlanes.Link("second:7070", other::channel)));
    }

    /// Draws waits that outlast every test.
    private static RandomGenerator patient() {
        return new Fixed(Duration.ofMinutes(5).toNanos());
    }

    private static RandomGenerator none() {
        return new Fixed(0);
    }

    private static StatusRuntimeException retryAfter(Duration delay) {
        var retry =
                RetryInfo.newBuilder()
                        .setRetryDelay(
                                com.google.protobuf.Duration.newBuilder()
                                        .setNanos((int) delay.toNanos()))
                        .build();
        return StatusProto.toStatusRuntimeException(
                com.google.rpc.Status.newBuilder()
                        .setCode(Code.RESOURCE_EXHAUSTED_VALUE)
                        .addDetails(Any.pack(retry))
                        .build());
    }

    private record Fixed(long value) implements RandomGenerator {
        @Override
        public long nextLong() {
            return value;
        }

        @Override
        public int nextInt(int bound) {
            return 0;
        }

        @Override
        public long nextLong(long bound) {
            return value;
        }
    }
}
