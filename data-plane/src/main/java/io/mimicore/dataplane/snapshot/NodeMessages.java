package io.mimicore.dataplane.snapshot;

import com.google.protobuf.ByteString;
import io.mimicore.ir.codec.IrCodec;
import io.mimicore.proto.snapshot.v1.Active;
import io.mimicore.proto.snapshot.v1.Draining;
import io.mimicore.proto.snapshot.v1.Hello;
import io.mimicore.proto.snapshot.v1.Label;
import io.mimicore.proto.snapshot.v1.NodeMessage;
import io.mimicore.proto.snapshot.v1.Prepared;
import io.mimicore.proto.snapshot.v1.Problem;
import io.mimicore.proto.snapshot.v1.Rejected;
import io.mimicore.proto.snapshot.v1.Report;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The messages that a node sends.
final class NodeMessages {
    /// Problems told of one version: an author mends the first ones first, and the message stays
    /// small.
    static final int PROBLEMS_MAX = 100;

    /// Characters of one text.
    static final int TEXT_LENGTH_MAX = 1_024;

    private NodeMessages() {}

    /// What a node says first.
    ///
    /// @param content what serves; absent: nothing does
    /// @param standing what else a control plane must know
    static NodeMessage hello(
            NodeIdentity identity, @Nullable SnapshotContent content, Standing standing) {
        Hello.Builder hello =
                Hello.newBuilder()
                        .setNode(identity.node())
                        .setBootId(identity.bootId())
                        .setBuild(identity.build())
                        .addFormats(IrCodec.FORMAT)
                        .setCluster(identity.cluster())
                        .setPoison(standing.poison())
                        .setDraining(standing.draining());
        identity.labels()
                .forEach((name, value) ->
                        hello.addLabels(Label.newBuilder().setName(name).setValue(value)));
        if (content != null) {
            hello.setVersion(content.version())
                    .setRoot(ByteString.copyFrom(content.root().bytes()));
        }
        return NodeMessage.newBuilder().setHello(hello).build();
    }

    /// How a node stands when it says hello.
    ///
    /// @param poison the version that it does not use again; 0: none
    /// @param draining whether a control plane has told it to take no more traffic
    record Standing(long poison, boolean draining) {}

    static NodeMessage draining(boolean draining) {
        return NodeMessage.newBuilder()
                .setDraining(Draining.newBuilder().setDraining(draining))
                .build();
    }

    static NodeMessage prepared(long version, long millis) {
        return NodeMessage.newBuilder()
                .setPrepared(Prepared.newBuilder().setVersion(version).setMillis(millis))
                .build();
    }

    static NodeMessage active(long version) {
        return NodeMessage.newBuilder().setActive(Active.newBuilder().setVersion(version)).build();
    }

    static NodeMessage report(Report report) {
        return NodeMessage.newBuilder().setReport(report).build();
    }

    static NodeMessage rejected(long version, List<NodeProblem> problems) {
        Rejected.Builder rejected = Rejected.newBuilder().setVersion(version);
        for (NodeProblem problem : worthTelling(problems)) {
            rejected.addProblems(
                    Problem.newBuilder()
                            .setApi(cut(problem.api()))
                            .setCode(cut(problem.code()))
                            .setMessage(cut(problem.message())));
        }
        return NodeMessage.newBuilder().setRejected(rejected).build();
    }

    /// The problems by API, and as the last one how many there are besides.
    private static List<NodeProblem> worthTelling(List<NodeProblem> problems) {
        List<NodeProblem> sorted = new ArrayList<>(problems);
        sorted.sort(Comparator.comparing(NodeProblem::api));
        if (sorted.size() <= PROBLEMS_MAX) {
            return sorted;
        }
        int told = PROBLEMS_MAX - 1;
        List<NodeProblem> few = new ArrayList<>(sorted.subList(0, told));
        few.add(new NodeProblem("", "MORE", "and " + (sorted.size() - told) + " more problems"));
        return few;
    }

    private static String cut(String text) {
        return text.length() <= TEXT_LENGTH_MAX ? text : text.substring(0, TEXT_LENGTH_MAX);
    }
}
