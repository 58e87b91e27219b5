package io.mimicore.cli;

import io.grpc.Channel;
import io.mimicore.proto.admin.v1.ApiChange;
import io.mimicore.proto.admin.v1.DiffVersionsRequest;
import io.mimicore.proto.admin.v1.DiffVersionsResponse;
import io.mimicore.proto.admin.v1.VersionServiceGrpc;
import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Which APIs differ between two versions.
final class VersionDiff implements Listing {
    private final long from;
    private final @Nullable Long to;
    private DiffVersionsResponse answer = DiffVersionsResponse.getDefaultInstance();

    /// @param to absent: the one that nodes are to run
    VersionDiff(long from, @Nullable Long to) {
        this.from = from;
        this.to = to;
    }

    @Override
    public void fetch(Channel channel) {
        answer =
                AdminConnection.limited(VersionServiceGrpc.newBlockingStub(channel))
                        .diffVersions(
                                DiffVersionsRequest.newBuilder()
                                        .setFrom("versions/" + from)
                                        .setTo(to == null ? "" : "versions/" + to)
                                        .build());
    }

    @Override
    public void print(PrintWriter out) {
        for (ApiChange change : answer.getChangesList()) {
            out.printf(
                    Locale.ROOT,
                    "%s %s%s%n",
                    sign(change),
                    change.getApi().replaceFirst("^apis/", ""),
                    isCodeAlone(change) ? " (its code too)" : "");
        }
        if (answer.getChangesCount() == 0) {
            out.printf(Locale.ROOT, "%s and %s are the same%n", answer.getFrom(), answer.getTo());
        }
    }

    private static boolean isCodeAlone(ApiChange change) {
        return change.getKind() == ApiChange.Kind.CHANGED && change.getCodeChanged();
    }

    private static String sign(ApiChange change) {
        return switch (change.getKind()) {
            case ADDED -> "+";
            case REMOVED -> "-";
            case CHANGED, KIND_UNSPECIFIED, UNRECOGNIZED -> "~";
        };
    }

    @Override
    public void addTo(ObjectNode root) {
        root.put("from", answer.getFrom()).put("to", answer.getTo());
        ArrayNode list = root.putArray("changes");
        for (ApiChange change : answer.getChangesList()) {
            list.addObject()
                    .put("api", change.getApi())
                    .put("kind", change.getKind().name().toLowerCase(Locale.ROOT))
                    .put("code_changed", change.getCodeChanged());
        }
    }
}
