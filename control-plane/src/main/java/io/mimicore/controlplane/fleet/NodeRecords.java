package io.mimicore.controlplane.fleet;

import com.google.protobuf.InvalidProtocolBufferException;
import io.mimicore.controlplane.stream.DrainState;
import io.mimicore.controlplane.stream.NodeState;
import io.mimicore.controlplane.stream.NodeStatus;
import io.mimicore.proto.store.v1.NodeProblem;
import io.mimicore.proto.store.v1.NodeRecord;
import io.mimicore.proto.store.v1.NodeRejection;
import io.mimicore.store.StoreException;
import org.jspecify.annotations.Nullable;

/// Nodes as the store holds them: what is coarse enough to be worth a write.
public final class NodeRecords {
    /// Problems of a refused version that are kept.
    static final int PROBLEMS_MAX = 10;

    /// Characters kept of each text of a problem.
    static final int TEXT_LENGTH_MAX = 256;

    private NodeRecords() {}

    /// The record of a node whose stream `replica` has.
    public static NodeRecord encode(NodeStatus status, Replica replica) {
        NodeRecord.Builder record =
                NodeRecord.newBuilder()
                        .setNode(status.node())
                        .setBootId(status.bootId())
                        .setBuild(status.build())
                        .putAllLabels(status.labels())
                        .setState(encode(status.state()))
                        .setVersion(status.version())
                        .setOffered(status.offered())
                        .setPoison(status.poison())
                        .setDrain(encode(status.drain()))
                        .setReplica(replica.name())
                        .setReplicaBootId(replica.bootId());
        NodeStatus.Rejection rejection = status.rejection();
        if (rejection != null) {
            NodeRejection.Builder refused = record.getRejectionBuilder();
            refused.setVersion(rejection.version());
            rejection.problems().stream()
                    .limit(PROBLEMS_MAX)
                    .forEach(problem ->
                            refused.addProblems(
                                    NodeProblem.newBuilder()
                                            .setApi(cut(problem.api()))
                                            .setCode(cut(problem.code()))
                                            .setMessage(cut(problem.message()))));
        }
        return record.build();
    }

    /// The record in a value of the store.
    ///
    /// @throws StoreException if it is none
    public static NodeRecord decode(byte[] value) {
        try {
            return NodeRecord.parseFrom(value);
        } catch (InvalidProtocolBufferException e) {
            throw new StoreException("a node's record is damaged", e);
        }
    }

    /// How the node stood when the record was written.
    static NodeStatus status(NodeRecord record) {
        return new NodeStatus(
                record.getNode(),
                record.getBootId(),
                record.getBuild(),
                record.getLabelsMap(),
                state(record.getState()),
                record.getVersion(),
                record.getOffered(),
                rejection(record),
                record.getPoison(),
                drain(record.getDrain()),
                null);
    }

    private static NodeStatus.@Nullable Rejection rejection(NodeRecord record) {
        if (!record.hasRejection()) {
            return null;
        }
        NodeRejection refused = record.getRejection();
        return new NodeStatus.Rejection(
                refused.getVersion(),
                refused.getProblemsList().stream()
                        .map(problem ->
                                new NodeStatus.Problem(
                                        problem.getApi(), problem.getCode(), problem.getMessage()))
                        .toList());
    }

    private static NodeRecord.State encode(NodeState state) {
        return switch (state) {
            case CONNECTING, IN_SYNC -> NodeRecord.State.IN_SYNC;
            case OFFERED -> NodeRecord.State.OFFERED;
            case PREPARED -> NodeRecord.State.PREPARED;
            case REJECTED -> NodeRecord.State.REJECTED;
            case LAGGING -> NodeRecord.State.LAGGING;
            case DISCONNECTED -> NodeRecord.State.DISCONNECTED;
        };
    }

    private static NodeState state(NodeRecord.State state) {
        return switch (state) {
            case IN_SYNC -> NodeState.IN_SYNC;
            case OFFERED -> NodeState.OFFERED;
            case PREPARED -> NodeState.PREPARED;
            case REJECTED -> NodeState.REJECTED;
            case LAGGING -> NodeState.LAGGING;
            case DISCONNECTED -> NodeState.DISCONNECTED;
            // Of a newer control plane: connected, and no more is known.
            case STATE_UNSPECIFIED, UNRECOGNIZED -> NodeState.CONNECTING;
        };
    }

    private static NodeRecord.Drain encode(DrainState drain) {
        return switch (drain) {
            case NONE -> NodeRecord.Drain.DRAIN_UNSPECIFIED;
            case DRAINING -> NodeRecord.Drain.DRAINING;
            case DRAINED -> NodeRecord.Drain.DRAINED;
        };
    }

    private static DrainState drain(NodeRecord.Drain drain) {
        return switch (drain) {
            case DRAIN_UNSPECIFIED, UNRECOGNIZED -> DrainState.NONE;
            case DRAINING -> DrainState.DRAINING;
            case DRAINED -> DrainState.DRAINED;
        };
    }

    private static String cut(String text) {
        return text.length() <= TEXT_LENGTH_MAX ? text : text.substring(0, TEXT_LENGTH_MAX);
    }
}
