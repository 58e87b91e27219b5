package io.mimicore.controlplane.stream;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.mimicore.controlplane.FakeNode;
import io.mimicore.controlplane.FaultyStore;
import io.mimicore.controlplane.snapshot.Forms;
import io.mimicore.controlplane.time.FakeScheduler;
import io.mimicore.proto.snapshot.v1.ControlMessage;
import io.mimicore.proto.snapshot.v1.ControlMessage.MessageCase;
import io.mimicore.proto.snapshot.v1.Hello;
import io.mimicore.proto.snapshot.v1.NodeMessage;
import io.mimicore.proto.snapshot.v1.Report;
import io.mimicore.signing.ClusterKey;
import io.mimicore.snapshot.ApiEntry;
import io.mimicore.store.StoreKeys;
import io.mimicore.testkit.InMemoryMetadataStore;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SnapshotStreamsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final StoreKeys KEYS = new StoreKeys("test");

    private final ClusterKey key = ClusterKey.generate();
    private final FaultyStore store = new FaultyStore(new InMemoryMetadataStore());
    private final PublishedTexts published = new PublishedTexts(store, KEYS, key);
    private final FakeScheduler time = new FakeScheduler();
    private final SnapshotStreams streams =
            new SnapshotStreams(
                    published.reader(),
                    new StreamRules(
                            "test",
                            RolloutPolicy.IMMEDIATE,
                            new StreamLimits(
                                    1024 * 1024,
                                    50,
                                    Duration.ofSeconds(10),
                                    Duration.ofSeconds(30),
                                    Duration.ofSeconds(120),
                                    Duration.ofSeconds(10))),
                    FleetLink.NONE,
                    time,
                    new Random(1));
    private final List<FakeNode> nodes = new ArrayList<>();
    private Server server;
    private ManagedChannel channel;

    @BeforeEach
    void serve() throws IOException {
        String name = InProcessServerBuilder.generateName();
        server = InProcessServerBuilder.forName(name).addService(streams).build().start();
        channel = InProcessChannelBuilder.forName(name).build();
    }

    @AfterEach
    void stop() {
        nodes.forEach(node -> assertThat(node.faults()).isEmpty());
        channel.shutdownNow();
        server.shutdownNow();
        streams.close();
    }

    @Test
    void stream_beforeTheStateIsLoaded_isRefused() {
        FakeNode node = connect("n1");

        awaitEnd(node, Status.Code.UNAVAILABLE);
        assertThat(node.received()).isEmpty();
    }

    @Test
    void node_whileNothingWasPublished_hearsNothing() {
        streams.target(null);
        FakeNode node = connect("n1");

        awaitState("n1", NodeState.IN_SYNC);
        assertThat(node.received()).isEmpty();

        publish(Map.of("a", "1"));
        awaitVersion(node, 1);
    }

    @Test
    void node_withNothing_isOfferedEverything() {
        publish(Map.of("a", "1", "b", "1"));
        FakeNode node = connect("n1");

        awaitVersion(node, 1);
        assertThat(node.apis()).containsExactly("a", "b");
        assertThat(kinds(node)).containsExactly(MessageCase.OFFER, MessageCase.ACTIVATE);
        awaitStatus(
                "n1",
                status -> {
                    assertThat(status.state()).isEqualTo(NodeState.IN_SYNC);
                    assertThat(status.version()).isEqualTo(1);
                    assertThat(status.offered()).isEqualTo(1);
                });
    }

    @Test
    void node_withTheCurrentRoot_isToldSoInFewBytes() {
        publish(Map.of("a", "1"));
        FakeNode node = connect("n1");
        awaitVersion(node, 1);
        node.close();
        awaitState("n1", NodeState.DISCONNECTED);
        int before = node.received().size();

        node.connect(channel);

        eventually(PATIENCE, () -> assertThat(node.received()).hasSize(before + 1));
        ControlMessage last = node.received().getLast();
        assertThat(last.getInSync().getVersion()).isEqualTo(1);
        assertThat(last.getSerializedSize()).isLessThan(60);
    }

    @Test
    void node_withAnOlderVersion_isOfferedTheDifference() {
        publish(Map.of("a", "1", "b", "1", "c", "1"));
        FakeNode node = connect("n1");
        awaitVersion(node, 1);
        node.close();
        awaitState("n1", NodeState.DISCONNECTED);
        publish(Map.of("a", "1", "b", "2", "d", "1"));

        node.connect(channel);

        awaitVersion(node, 2);
        assertThat(node.apis()).containsExactly("a", "b", "d");
        ControlMessage offer = lastOffer(node);
        assertThat(offer.getOffer().getBaseRoot().isEmpty()).isFalse();
        assertThat(offer.getOffer().getPayload().toStringUtf8()).doesNotContain("ir 1a");
    }

    @Test
    void node_withARootThatNobodyKnows_isOfferedEverything() {
        publish(Map.of("a", "1"));
        FakeNode node = new FakeNode("n1", key.trusted());
        nodes.add(node);
        node.pretend(77, entries(Map.of("z", "9")));

        node.connect(channel);

        awaitVersion(node, 1);
        assertThat(node.apis()).containsExactly("a");
        assertThat(lastOffer(node).getOffer().getBaseRoot().isEmpty()).isTrue();
    }

    @Test
    void node_withTheSameRootUnderAnOlderVersion_isOfferedNoChanges() {
        publish(Map.of("a", "1"));
        FakeNode node = connect("n1");
        awaitVersion(node, 1);
        publish(Map.of("a", "2"));
        awaitVersion(node, 2);
        node.pretend(1, node.entries());
        node.close();
        awaitState("n1", NodeState.DISCONNECTED);

        node.connect(channel);

        awaitVersion(node, 2);
        assertThat(lastOffer(node).getOffer().getChangesBytes()).isZero();
    }

    @Test
    void nodes_thatNeedTheSame_shareOneEncoding() {
        publish(Map.of("a", "1"));
        for (int i = 0; i < 20; i++) {
            connect("n" + i);
        }
        nodes.forEach(node -> awaitVersion(node, 1));
        publish(Map.of("a", "2"));

        nodes.forEach(node -> awaitVersion(node, 2));
        assertThat(streams.encodings()).isEqualTo(2);
    }

    @Test
    void offer_thatIsLarge_comesInPieces() {
        String large = new Random(7).ints(40_000).boxed().toList().toString();
        publish(Map.of("a", large, "b", large + "b", "c", large + "c"));
        FakeNode node = connect("n1");

        awaitVersion(node, 1);
        List<ControlMessage> offers =
                node.received().stream().filter(ControlMessage::hasOffer).toList();
        assertThat(offers).hasSizeGreaterThan(3);
        assertThat(offers)
                .allSatisfy(piece ->
                        assertThat(piece.getOffer().getPayload().size())
                                .isLessThanOrEqualTo(EncodedChanges.CHUNK_BYTES_MAX));
        assertThat(offers.stream().mapToLong(piece -> piece.getOffer().getPayload().size()).sum())
                .isEqualTo(offers.getFirst().getOffer().getChangesBytes());
    }

    @Test
    void targets_thatChangeDuringAnOffer_areSkippedForTheNewest() {
        publish(Map.of("a", "1"));
        FakeNode node = new FakeNode("n1", key.trusted());
        nodes.add(node);
        node.fallSilent(true);
        node.connect(channel);
        eventually(PATIENCE, () -> assertThat(node.received()).hasSize(1));
        for (int version = 2; version <= 5; version++) {
            publish(Map.of("a", Integer.toString(version)));
        }

        node.fallSilent(false);
        node.answerLate();

        awaitVersion(node, 5);
        assertThat(versionsOffered(node)).containsExactly(1L, 5L);
    }

    @Test
    void node_thatRejects_isShownAndOfferedAgainLater() {
        FakeNode node = new FakeNode("n1", key.trusted());
        nodes.add(node);
        node.reject(true);
        publish(Map.of("a", "1"));
        node.connect(channel);

        awaitStatus(
                "n1",
                status -> {
                    assertThat(status.state()).isEqualTo(NodeState.REJECTED);
                    assertThat(status.rejection())
                            .isEqualTo(
                                    new NodeStatus.Rejection(
                                            1, List.of(new NodeStatus.Problem("a", "TEST", "no"))));
                });
        time.advance(Duration.ofSeconds(9));
        assertThat(versionsOffered(node)).containsExactly(1L);
        node.reject(false);

        time.advance(Duration.ofSeconds(2));
        awaitVersion(node, 1);
        assertThat(versionsOffered(node)).containsExactly(1L, 1L);
    }

    @Test
    void node_thatCannotFetch_isOfferedAgainEveryFewSeconds() {
        FakeNode node = new FakeNode("n1", key.trusted());
        nodes.add(node);
        node.rejectWith("ARTIFACT_UNAVAILABLE");
        node.reject(true);
        publish(Map.of("a", "1"));
        node.connect(channel);
        for (int offers = 1; offers <= 8; offers++) {
            int expected = offers;
            eventually(PATIENCE, () -> assertThat(versionsOffered(node)).hasSize(expected));
            awaitState("n1", NodeState.REJECTED);
            time.advance(Duration.ofSeconds(4));
        }
    }

    @Test
    void node_thatRejects_isOfferedANewerVersionAtOnce() {
        FakeNode node = new FakeNode("n1", key.trusted());
        nodes.add(node);
        node.reject(true);
        publish(Map.of("a", "1"));
        node.connect(channel);
        awaitState("n1", NodeState.REJECTED);
        node.reject(false);

        publish(Map.of("a", "2"));

        awaitVersion(node, 2);
        assertThat(versionsOffered(node)).containsExactly(1L, 2L);
    }

    @Test
    void node_thatCallsAVersionPoison_isNotOfferedIt() {
        publish(Map.of("a", "1"));
        FakeNode node = open("n1");
        node.say(poisoned("n1", 1));

        awaitState("n1", NodeState.REJECTED);
        time.advance(Duration.ofMinutes(10));
        assertThat(node.received()).isEmpty();

        publish(Map.of("a", "2"));
        awaitVersion(node, 2);
    }

    @Test
    void node_thatDoesNotAnswer_isLaggingAndThenDisconnected() {
        publish(Map.of("a", "1"));
        FakeNode node = new FakeNode("n1", key.trusted());
        nodes.add(node);
        node.fallSilent(true);
        node.connect(channel);
        eventually(PATIENCE, () -> assertThat(node.received()).hasSize(1));
        awaitState("n1", NodeState.OFFERED);

        time.advance(Duration.ofSeconds(29));
        awaitState("n1", NodeState.OFFERED);
        time.advance(Duration.ofSeconds(3));
        awaitState("n1", NodeState.LAGGING);
        time.advance(Duration.ofSeconds(90));

        awaitEnd(node, Status.Code.DEADLINE_EXCEEDED);
        awaitState("n1", NodeState.DISCONNECTED);
    }

    @Test
    void node_thatLagsAndThenAnswers_goesOn() {
        publish(Map.of("a", "1"));
        FakeNode node = new FakeNode("n1", key.trusted());
        nodes.add(node);
        node.fallSilent(true);
        node.connect(channel);
        eventually(PATIENCE, () -> assertThat(node.received()).hasSize(1));
        time.advance(Duration.ofSeconds(40));
        awaitState("n1", NodeState.LAGGING);

        node.fallSilent(false);
        node.answerLate();

        awaitVersion(node, 1);
        awaitState("n1", NodeState.IN_SYNC);
    }

    @Test
    void nodes_thatDoNotRead_holdNoMoreBytesThanTheBudgetAndLag() {
        String large = new Random(7).ints(400_000).boxed().toList().toString();
        publish(Map.of("a", large));
        for (int i = 0; i < 4; i++) {
            connectDeaf("n" + i);
        }
        eventually(PATIENCE, () -> assertThat(streams.count(NodeState.OFFERED)).isEqualTo(4));
        eventually(PATIENCE, () -> assertThat(streams.bytesInFlight()).isPositive());
        assertThat(streams.bytesInFlight()).isLessThanOrEqualTo(1024 * 1024);

        time.advance(Duration.ofSeconds(12));
        eventually(PATIENCE, () -> assertThat(streams.count(NodeState.LAGGING)).isPositive());

        nodes.forEach(FakeNode::readOn);
        nodes.forEach(node -> awaitVersion(node, 1));
        eventually(PATIENCE, () -> assertThat(streams.bytesInFlight()).isZero());
    }

    @Test
    void nodes_thatDoNotReadWhileOthersWaitForTheirBytes_areEndedWhenTheyLag() {
        String large = new Random(7).ints(400_000).boxed().toList().toString();
        publish(Map.of("a", large));
        for (int i = 0; i < 4; i++) {
            connectDeaf("n" + i);
        }
        eventually(
                PATIENCE,
                () -> assertThat(streams.bytesInFlight()).isGreaterThan(1024 * 1024 - 256 * 1024));
        FakeNode reading = connect("reading");
        awaitState("reading", NodeState.OFFERED);

        // Offers of all may begin at any of these moments.
        eventually(
                PATIENCE,
                () -> {
                    time.advance(Duration.ofSeconds(1));
                    assertThat(reading.version()).isEqualTo(1);
                });
        assertThat(nodes.subList(0, 4)).anyMatch(node -> node.end() != null);
    }

    @Test
    void node_thatBreaksOff_givesItsBytesBack() {
        String large = new Random(7).ints(400_000).boxed().toList().toString();
        publish(Map.of("a", large));
        FakeNode node = connectDeaf("n1");
        eventually(PATIENCE, () -> assertThat(streams.bytesInFlight()).isPositive());

        node.close();

        eventually(PATIENCE, () -> assertThat(streams.bytesInFlight()).isZero());
        awaitState("n1", NodeState.DISCONNECTED);
    }

    @Test
    void stream_withoutAHello_isEnded() {
        streams.target(null);
        FakeNode node = open("n1");

        // The stream may begin at any of these moments.
        eventually(
                PATIENCE,
                () -> {
                    time.advance(Duration.ofSeconds(1));
                    assertThat(node.end()).isNotNull();
                });
        awaitEnd(node, Status.Code.DEADLINE_EXCEEDED);
    }

    @Test
    void hello_thatIsWrong_isRefused() {
        streams.target(null);

        refuse(hello("n 1", 1));
        refuse(hello("", 1));
        refuse(NodeMessage.getDefaultInstance());
    }

    @Test
    void stream_openedTwiceByANode_endsTheFirst() {
        publish(Map.of("a", "1"));
        FakeNode first = connect("n1");
        awaitVersion(first, 1);

        FakeNode second = connect("n1");

        awaitVersion(second, 1);
        awaitEnd(first, Status.Code.ABORTED);
        awaitState("n1", NodeState.IN_SYNC);
    }

    @Test
    void streams_overTheRate_areRefusedAndAdmittedLater() {
        publish(Map.of("a", "1"));
        for (int i = 0; i < 60; i++) {
            connect("n" + i);
        }
        eventually(
                PATIENCE,
                () ->
                        assertThat(nodes)
                                .allMatch(node -> node.version() == 1 || node.end() != null));
        List<FakeNode> refused = nodes.stream().filter(node -> node.end() != null).toList();
        assertThat(refused).hasSizeBetween(10, 13);
        refused.forEach(node -> awaitEnd(node, Status.Code.RESOURCE_EXHAUSTED));

        time.advance(Duration.ofSeconds(1));
        refused.forEach(node -> node.connect(channel));
        nodes.forEach(node -> awaitVersion(node, 1));
    }

    @Test
    void streams_thatResume_areAdmittedTwentyTimesAsOften() {
        publish(Map.of("a", "1"));
        SortedMap<String, ApiEntry> old = entries(Map.of("a", "1"));
        publish(Map.of("a", "2"));
        for (int i = 0; i < 200; i++) {
            resume("n" + i, 1, old);
        }

        nodes.forEach(node -> awaitVersion(node, 2));
        assertThat(nodes).allMatch(node -> node.end() == null);
    }

    @Test
    void streams_thatNameAnUnknownRoot_areAdmittedLikeThoseWithNothing() {
        publish(Map.of("a", "1"));
        for (int i = 0; i < 60; i++) {
            resume("n" + i, 9, entries(Map.of("z", "9")));
        }

        eventually(
                PATIENCE,
                () ->
                        assertThat(nodes)
                                .allMatch(node -> node.version() == 1 || node.end() != null));
        List<FakeNode> refused = nodes.stream().filter(node -> node.end() != null).toList();
        assertThat(refused).hasSizeBetween(10, 13);
        refused.forEach(node -> awaitEnd(node, Status.Code.RESOURCE_EXHAUSTED));
    }

    @Test
    void report_isKept() {
        publish(Map.of("a", "1"));
        FakeNode node = connect("n1");
        awaitVersion(node, 1);
        node.say(
                NodeMessage.newBuilder()
                        .setReport(
                                Report.newBuilder()
                                        .setVersion(1)
                                        .setWindowMillis(5_000)
                                        .setRequests(100)
                                        .setServerErrors(2)
                                        .setWasmFailures(1))
                        .build());

        awaitStatus(
                "n1",
                status ->
                        assertThat(status.report())
                                .isEqualTo(new NodeStatus.Window(1, 5_000, 100, 2, 1)));
    }

    @Test
    void store_thatIsDown_holdsUpOffersButNobodyElse() {
        publish(Map.of("a", "1"));
        FakeNode current = connect("current");
        awaitVersion(current, 1);
        FakeNode stale = new FakeNode("stale", key.trusted());
        nodes.add(stale);
        stale.pretend(5, entries(Map.of("q", "5")));
        store.down(true);
        stale.connect(channel);
        awaitState("stale", NodeState.REJECTED);
        assertThat(current.end()).isNull();

        store.down(false);
        time.advance(Duration.ofSeconds(11));

        awaitVersion(stale, 1);
    }

    @Test
    void drain_tellsNodesWhenToComeBackAndRefusesNewOnes() {
        publish(Map.of("a", "1"));
        FakeNode node = connect("n1");
        awaitVersion(node, 1);

        streams.drain();

        awaitEnd(node, Status.Code.OK);
        assertThat(node.received().getLast().hasReconnect()).isTrue();
        assertThat(node.received().getLast().getReconnect().getAfterMillis()).isBetween(0L, 20L);
        awaitEnd(connect("n2"), Status.Code.UNAVAILABLE);
    }

    private void publish(Map<String, String> texts) {
        streams.target(published.publish(texts));
    }

    private static SortedMap<String, ApiEntry> entries(Map<String, String> texts) {
        SortedMap<String, ApiEntry> entries = new TreeMap<>();
        Forms.desired(texts).forms().forEach((api, form) -> entries.put(api, form.entry()));
        return entries;
    }

    private FakeNode connect(String name) {
        FakeNode node = new FakeNode(name, key.trusted());
        nodes.add(node);
        node.connect(channel);
        return node;
    }

    /// A node that does not read what it is sent.
    private FakeNode connectDeaf(String name) {
        FakeNode node = new FakeNode(name, key.trusted());
        nodes.add(node);
        node.stopReading();
        node.connect(channel);
        return node;
    }

    private void resume(String name, long version, SortedMap<String, ApiEntry> held) {
        FakeNode node = new FakeNode(name, key.trusted());
        nodes.add(node);
        node.pretend(version, held);
        node.connect(channel);
    }

    private FakeNode open(String name) {
        FakeNode node = new FakeNode(name, key.trusted());
        nodes.add(node);
        node.open(channel);
        return node;
    }

    private void refuse(NodeMessage first) {
        FakeNode node = open("wrong");
        node.say(first);
        awaitEnd(node, Status.Code.INVALID_ARGUMENT);
    }

    private static NodeMessage hello(String name, int format) {
        Hello.Builder hello = Hello.newBuilder().setNode(name).addFormats(format);
        return NodeMessage.newBuilder().setHello(hello).build();
    }

    private static NodeMessage poisoned(String name, long version) {
        Hello.Builder hello = Hello.newBuilder().setNode(name).addFormats(1).setPoison(version);
        return NodeMessage.newBuilder().setHello(hello).build();
    }

    private static List<MessageCase> kinds(FakeNode node) {
        return node.received().stream().map(ControlMessage::getMessageCase).toList();
    }

    private static ControlMessage lastOffer(FakeNode node) {
        return node.received().stream()
                .filter(ControlMessage::hasOffer)
                .reduce((_, last) -> last)
                .orElseThrow();
    }

    private static List<Long> versionsOffered(FakeNode node) {
        return node.received().stream()
                .filter(message -> message.hasOffer() && message.getOffer().getChunk() == 0)
                .map(message -> message.getOffer().getVersion())
                .toList();
    }

    private static void awaitVersion(FakeNode node, long version) {
        eventually(PATIENCE, () -> assertThat(node.version()).isEqualTo(version));
    }

    private static void awaitEnd(FakeNode node, Status.Code code) {
        eventually(
                PATIENCE,
                () ->
                        assertThat(node.end())
                                .isNotNull()
                                .extracting(Status::getCode)
                                .isEqualTo(code));
    }

    private void awaitState(String node, NodeState state) {
        awaitStatus(node, status -> assertThat(status.state()).isEqualTo(state));
    }

    private void awaitStatus(String node, Consumer<NodeStatus> check) {
        eventually(
                PATIENCE, () -> assertThat(streams.nodes().get(node)).isNotNull().satisfies(check));
    }
}
