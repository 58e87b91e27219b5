package io.mimicore.controlplane.stream;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.mimicore.controlplane.FakeNode;
import io.mimicore.ir.codec.IrCodec;
import io.mimicore.proto.snapshot.v1.Hello;
import io.mimicore.proto.snapshot.v1.NodeMessage;
import io.mimicore.proto.snapshot.v1.Report;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Nodes of another cluster, and nodes that are older or newer than the control plane.
class ForeignNodesTest {
    private StreamServer server;

    @BeforeEach
    void start() throws IOException {
        server = new StreamServer(FleetLink.NONE);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void node_ofAnotherCluster_isToldBothAndToComeBackSeldom()
            throws InvalidProtocolBufferException {
        FakeNode node = server.open("n1");
        node.say(message(hello().setCluster("staging")));

        Status end = end(node);
        assertThat(end.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(end.getDescription())
                .isEqualTo(
                        "cluster: the node is of \"staging\", this control plane of \"prod\""
                                + " (expected: the same --cluster)");
        assertThat(retrySeconds(node)).isEqualTo(Greeting.MISPLACED_RETRY.toSeconds());
        assertThat(server.streams().nodes()).isEmpty();
    }

    @Test
    void node_thatNamesNoCluster_isTaken() {
        FakeNode older = server.open("older");
        older.say(message(hello()));
        FakeNode same = server.open("same");
        same.say(message(hello().setNode("same").setCluster("prod")));

        server.awaitStatus("n1", node -> assertThat(node.state()).isEqualTo(NodeState.IN_SYNC));
        server.awaitStatus("same", node -> assertThat(node.state()).isEqualTo(NodeState.IN_SYNC));
        assertThat(older.end()).isNull();
    }

    @Test
    void node_thatExecutesOtherFormats_isToldWhichIsWritten() {
        FakeNode node = server.open("n1");
        node.say(message(hello().clearFormats().addFormats(7).addFormats(8)));

        Status end = end(node);
        assertThat(end.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(end.getDescription())
                .contains("executes IR formats [7, 8]", "writes " + IrCodec.FORMAT);
    }

    @Test
    void node_thatExecutesNewerFormatsToo_isTaken() {
        server.open("n1").say(message(hello().addFormats(7)));

        server.awaitStatus("n1", node -> assertThat(node.state()).isEqualTo(NodeState.IN_SYNC));
    }

    @Test
    void message_thatOnlyANewerNodeKnows_isLeftOutAndTheStreamGoesOn() {
        FakeNode node = server.open("n1");
        node.say(message(hello().setUnknownFields(unknown())));
        node.say(NodeMessage.newBuilder().setUnknownFields(unknown()).build());
        node.say(NodeMessage.newBuilder().setReport(Report.newBuilder().setRequests(5)).build());

        server.awaitStatus(
                "n1",
                status -> {
                    assertThat(status.report()).isNotNull();
                    assertThat(status.report().requests()).isEqualTo(5);
                });
        assertThat(node.end()).isNull();
    }

    @Test
    void message_firstAndOfANewerProtocol_isRefusedByName() {
        FakeNode newer = server.open("n1");
        newer.say(NodeMessage.newBuilder().setUnknownFields(unknown()).build());
        FakeNode hasty = server.open("n2");
        hasty.say(NodeMessage.newBuilder().setReport(Report.getDefaultInstance()).build());

        assertThat(end(newer).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(end(newer).getDescription())
                .isEqualTo("the first message: of a newer protocol (expected: hello)");
        assertThat(end(hasty).getDescription())
                .isEqualTo("the first message: report (expected: hello)");
    }

    private static Status end(FakeNode node) {
        eventually(StreamServer.PATIENCE, () -> assertThat(node.end()).isNotNull());
        return java.util.Objects.requireNonNull(node.end());
    }

    private static long retrySeconds(FakeNode node) throws InvalidProtocolBufferException {
        com.google.rpc.Status status = StatusProto.fromThrowable(node.failure());
        Any detail = java.util.Objects.requireNonNull(status).getDetails(0);
        return detail.unpack(RetryInfo.class).getRetryDelay().getSeconds();
    }

    private static UnknownFieldSet unknown() {
        UnknownFieldSet.Field field =
                UnknownFieldSet.Field.newBuilder()
                        .addLengthDelimited(com.google.protobuf.ByteString.copyFromUtf8("new"))
                        .build();
        return UnknownFieldSet.newBuilder().addField(900, field).build();
    }

    private static Hello.Builder hello() {
        return Hello.newBuilder().setNode("n1").addFormats(IrCodec.FORMAT);
    }

    private static NodeMessage message(Hello.Builder hello) {
        return NodeMessage.newBuilder().setHello(hello).build();
    }
}
