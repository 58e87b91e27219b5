package io.mimicore.cli;

import io.grpc.Channel;
import io.mimicore.proto.admin.v1.Build;
import io.mimicore.proto.admin.v1.BuildServiceGrpc;
import io.mimicore.proto.admin.v1.ListBuildsRequest;
import io.mimicore.proto.admin.v1.ListBuildsResponse;
import io.mimicore.proto.admin.v1.Worker;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The builds of user code, those that wait or run first, and the workers that are there.
final class BuildListing implements Listing {
    private static final int SHORT_KEY = 12;

    private final List<Build> builds = new ArrayList<>();
    private final List<Worker> workers = new ArrayList<>();

    @Override
    public void fetch(Channel channel) {
        var stub = BuildServiceGrpc.newBlockingStub(channel);
        List<ListBuildsResponse> pages =
                Listing.pages(
                        token ->
                                AdminConnection.limited(stub)
                                        .listBuilds(
                                                ListBuildsRequest.newBuilder()
                                                        .setPageSize(PAGE_SIZE)
                                                        .setPageToken(token)
                                                        .build()),
                        ListBuildsResponse::getNextPageToken);
        pages.forEach(page -> builds.addAll(page.getBuildsList()));
        workers.addAll(pages.getLast().getWorkersList());
    }

    @Override
    public void print(PrintWriter out) {
        String row = "%-13s %-8s %-14s %-8s %s%n";
        out.printf(Locale.ROOT, row, "BUILD", "STATE", "TOOLCHAIN", "ATTEMPT", "RESULT");
        for (Build build : builds) {
            String key = build.getName().replaceFirst("^builds/", "");
            out.printf(
                    Locale.ROOT,
                    row,
                    key.substring(0, Math.min(SHORT_KEY, key.length())),
                    state(build),
                    build.getToolchain() + " " + build.getToolchainVersion(),
                    build.getAttempt(),
                    result(build));
        }
        for (Worker worker : workers) {
            out.printf(
                    Locale.ROOT,
                    "worker %s: %s%n",
                    worker.getId(),
                    worker.getToolchainsCount() == 0
                            ? "no toolchain"
                            : String.join(", ", worker.getToolchainsList()));
        }
        if (workers.isEmpty()) {
            out.println("no worker is there: builds wait");
        }
    }

    private static String result(Build build) {
        return switch (build.getState()) {
            case QUEUED -> build.getReason().isEmpty() ? "-" : "again: " + build.getReason();
            case RUNNING -> "at " + build.getWorker();
            case DONE -> build.getArtifactBytes() + " bytes in " + build.getBuildMillis() + " ms";
            case FAILED ->
                    build.getProblemsCount() == 0
                            ? "the program is wrong"
                            : build.getProblems(0).getMessage();
            case STATE_UNSPECIFIED, UNRECOGNIZED -> "-";
        };
    }

    private static String state(Build build) {
        return build.getState().name().toLowerCase(Locale.ROOT);
    }

    @Override
    public void addTo(ObjectNode root) {
        ArrayNode list = root.putArray("builds");
        for (Build build : builds) {
            ObjectNode shown =
                    list.addObject()
                            .put("name", build.getName())
                            .put("state", state(build))
                            .put("toolchain", build.getToolchain())
                            .put("toolchain_version", build.getToolchainVersion())
                            .put("attempt", build.getAttempt())
                            .put("worker", build.getWorker())
                            .put("reason", build.getReason())
                            .put("artifact_digest", build.getArtifactDigest())
                            .put("artifact_bytes", build.getArtifactBytes())
                            .put("build_millis", build.getBuildMillis());
            ArrayNode problems = shown.putArray("problems");
            build.getProblemsList().forEach(problem -> ApiListing.add(problems, problem));
        }
        ArrayNode present = root.putArray("workers");
        for (Worker worker : workers) {
            ArrayNode toolchains =
                    present.addObject().put("id", worker.getId()).putArray("toolchains");
            worker.getToolchainsList().forEach(toolchains::add);
        }
    }
}
