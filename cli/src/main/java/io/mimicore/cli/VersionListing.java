package io.mimicore.cli;

import com.google.protobuf.Timestamp;
import io.grpc.Channel;
import io.mimicore.proto.admin.v1.ListVersionsRequest;
import io.mimicore.proto.admin.v1.ListVersionsResponse;
import io.mimicore.proto.admin.v1.Version;
import io.mimicore.proto.admin.v1.VersionServiceGrpc;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The versions that are kept, the newest first.
final class VersionListing implements Listing {
    private final List<Version> versions = new ArrayList<>();

    @Override
    public void fetch(Channel channel) {
        var stub = VersionServiceGrpc.newBlockingStub(channel);
        Listing.pages(
                        token ->
                                AdminConnection.limited(stub)
                                        .listVersions(
                                                ListVersionsRequest.newBuilder()
                                                        .setPageSize(PAGE_SIZE)
                                                        .setPageToken(token)
                                                        .build()),
                        ListVersionsResponse::getNextPageToken)
                .forEach(page -> versions.addAll(page.getVersionsList()));
    }

    @Override
    public void print(PrintWriter out) {
        String row = "%-9s %-7s %-24s %6s %7s  %s%n";
        out.printf(Locale.ROOT, row, "VERSION", "TARGET", "PUBLISHED", "APIS", "ROUTES", "CHANGE");
        for (Version version : versions) {
            out.printf(
                    Locale.ROOT,
                    row,
                    version.getVersion(),
                    version.getTarget() ? "yes" : "-",
                    time(version),
                    version.getApis(),
                    version.getRoutes(),
                    version.getMessage());
        }
    }

    private static String time(Version version) {
        Timestamp time = version.getPublishTime();
        return Instant.ofEpochSecond(time.getSeconds(), time.getNanos()).toString();
    }

    @Override
    public void addTo(ObjectNode root) {
        ArrayNode list = root.putArray("versions");
        for (Version version : versions) {
            list.addObject()
                    .put("name", version.getName())
                    .put("version", version.getVersion())
                    .put("target", version.getTarget())
                    .put("root", version.getRoot())
                    .put("parent", version.getParent())
                    .put("publish_time", time(version))
                    .put("author", version.getAuthor())
                    .put("message", version.getMessage())
                    .put("apis", version.getApis())
                    .put("routes", version.getRoutes())
                    .put("ir_bytes", version.getIrBytes());
        }
    }
}
