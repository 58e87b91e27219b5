package io.mimicore.controlplane.admin;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.mimicore.controlplane.fleet.Statuses;
import io.mimicore.controlplane.stream.NodeState;
import io.mimicore.proto.admin.v1.FleetServiceGrpc;
import io.mimicore.proto.admin.v1.Node;
import io.mimicore.proto.admin.v1.WatchNodesRequest;
import io.mimicore.proto.admin.v1.WatchNodesResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodeWatchesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final FakeFleet fleet = new FakeFleet(9);
    private Server server;
    private ManagedChannel channel;

    @BeforeEach
    void serve() throws IOException {
        String name = InProcessServerBuilder.generateName();
        server =
                InProcessServerBuilder.forName(name)
                        .addService(new FleetServiceEndpoint(fleet))
                        .build()
                        .start();
        channel = InProcessChannelBuilder.forName(name).build();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.shutdownNow();
    }

    @Test
    void watch_ofNoNodes_isCompleteAtOnceAndTellsTheTarget() {
        Iterator<WatchNodesResponse> answers = watch();

        WatchNodesResponse first = answers.next();
        assertThat(first.getComplete()).isTrue();
        assertThat(first.getNodesList()).isEmpty();
        assertThat(first.getTargetVersion()).isEqualTo(9);

        fleet.target(10);
        assertThat(answers.next().getTargetVersion()).isEqualTo(10);
    }

    @Test
    void watch_ofManyNodes_beginsWithAllInPieces() {
        for (int i = 0; i < 1_200; i++) {
            fleet.put(Statuses.of("n" + i, NodeState.IN_SYNC, 9));
        }
        Iterator<WatchNodesResponse> answers = watch();

        List<WatchNodesResponse> pieces = List.of(answers.next(), answers.next(), answers.next());

        assertThat(pieces)
                .extracting(WatchNodesResponse::getNodesCount)
                .containsExactly(500, 500, 200);
        assertThat(pieces)
                .extracting(WatchNodesResponse::getComplete)
                .containsExactly(false, false, true);
    }

    @Test
    void watch_afterTheBeginning_tellsOnlyWhatChanges() {
        fleet.put(Statuses.of("n1", NodeState.IN_SYNC, 9));
        fleet.put(Statuses.of("n2", NodeState.IN_SYNC, 9));
        fleet.put(Statuses.of("n3", NodeState.IN_SYNC, 9));
        Iterator<WatchNodesResponse> answers = watch();
        assertThat(answers.next().getNodesList()).hasSize(3);

        fleet.put(Statuses.of("n2", NodeState.LAGGING, 9));
        WatchNodesResponse changed = answers.next();
        assertThat(changed.getNodesList()).extracting(Node::getName).containsExactly("nodes/n2");
        assertThat(changed.getNodes(0).getState()).isEqualTo(Node.State.LAGGING);
        assertThat(changed.getComplete()).isTrue();

        fleet.remove("n3");
        assertThat(answers.next().getRemovedList()).containsExactly("nodes/n3");
    }

    @Test
    void watch_thatIsNotRead_getsTheLastStateOfWhatItMissed() {
        for (int i = 0; i < 600; i++) {
            fleet.put(Statuses.of("n" + i, NodeState.IN_SYNC, 1));
        }
        SlowWatch slow = new SlowWatch();
        FleetServiceGrpc.newStub(channel).watchNodes(WatchNodesRequest.getDefaultInstance(), slow);
        slow.request(1);
        eventually(PATIENCE, () -> assertThat(slow.messages()).isEqualTo(1));
        for (int version = 2; version <= 200; version++) {
            fleet.put(Statuses.of("n1", NodeState.IN_SYNC, version));
        }

        slow.request(1_000);

        eventually(PATIENCE, () -> assertThat(slow.version("nodes/n1")).isEqualTo(200));
        eventually(PATIENCE, () -> assertThat(slow.nodes()).isEqualTo(600));
        assertThat(slow.messages()).isLessThan(50);
    }

    @Test
    void watches_moreThanTheLimit_areRefusedUntilOneEnds() {
        List<SlowWatch> watches = new ArrayList<>();
        for (int i = 0; i < NodeWatches.WATCHES_MAX; i++) {
            SlowWatch watch = new SlowWatch();
            FleetServiceGrpc.newStub(channel)
                    .watchNodes(WatchNodesRequest.getDefaultInstance(), watch);
            watch.request(1);
            watches.add(watch);
        }
        eventually(PATIENCE, () -> assertThat(watches).allMatch(watch -> watch.messages() == 1));

        assertThat(refusal()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        watches.getFirst().cancel();

        eventually(PATIENCE, () -> assertThat(watch().next().getComplete()).isTrue());
    }

    private Status.@Nullable Code refusal() {
        try {
            watch().next();
            return null;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }

    private Iterator<WatchNodesResponse> watch() {
        return FleetServiceGrpc.newBlockingStub(channel)
                .watchNodes(WatchNodesRequest.getDefaultInstance());
    }

    /// Reads when the test says so.
    private static final class SlowWatch
            implements ClientResponseObserver<WatchNodesRequest, WatchNodesResponse> {
        private final Map<String, Node> nodes = new HashMap<>();
        private int messages;
        private @Nullable ClientCallStreamObserver<WatchNodesRequest> call;

        void request(int count) {
            java.util.Objects.requireNonNull(call).request(count);
        }

        void cancel() {
            java.util.Objects.requireNonNull(call).cancel("the test has seen enough", null);
        }

        synchronized int messages() {
            return messages;
        }

        synchronized int nodes() {
            return nodes.size();
        }

        synchronized long version(String node) {
            Node known = nodes.get(node);
            return known == null ? 0 : known.getVersion();
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<WatchNodesRequest> started) {
            started.disableAutoRequestWithInitial(0);
            call = started;
        }

        @Override
        public synchronized void onNext(WatchNodesResponse answer) {
            messages++;
            answer.getNodesList().forEach(node -> nodes.put(node.getName(), node));
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}
    }
}
