package io.mimicore.cli;

import io.grpc.Channel;
import io.mimicore.proto.admin.v1.Build;
import io.mimicore.proto.admin.v1.BuildServiceGrpc;
import io.mimicore.proto.admin.v1.ListBuildsRequest;
import io.mimicore.proto.admin.v1.ListBuildsResponse;
import io.mimicore.proto.admin.v1.ToolchainVersion;
import io.mimicore.proto.admin.v1.Worker;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The builds of user code, those that wait or run first, and the workers that are there.
final class BuildListing implements Listing {
    private static final int SHORT_KEY = 12;

    private final List<Build> builds = new ArrayList<>();
    private final List<Worker> workers = new ArrayList<>();
    private final List<ToolchainVersion> versions = new ArrayList<>();
    private final InstantSource clock;

    /// @param clock tells how old a state is
    BuildListing(InstantSource clock) {
        this.clock = clock;
    }

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
        versions.addAll(pages.getLast().getToolchainVersionsList());
    }

    @Override
    public void print(PrintWriter out) {
        String row = "%-13s %-8s %-14s %-8s %-6s %s%n";
        out.printf(Locale.ROOT, row, "BUILD", "STATE", "TOOLCHAIN", "ATTEMPT", "AGE", "RESULT");
        for (Build build : builds) {
            String key = build.getName().replaceFirst("^builds/", "");
            out.printf(
                    Locale.ROOT,
                    row,
                    key.substring(0, Math.min(SHORT_KEY, key.length())),
                    state(build),
                    build.getToolchain() + " " + build.getToolchainVersion(),
                    build.getAttempt(),
                    age(build),
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
        mixed().forEach(warning -> out.println("warning: " + warning));
    }

    /// What to say where workers differ: the same program would have another key on the others.
    private List<String> mixed() {
        Map<String, List<ToolchainVersion>> offered =
                versions.stream()
                        .collect(
                                Collectors.groupingBy(
                                        ToolchainVersion::getToolchain,
                                        TreeMap::new,
                                        Collectors.toList()));
        List<String> warnings = new ArrayList<>();
        offered.forEach((toolchain, different) -> {
            if (different.size() > 1) {
                warnings.add(
                        "workers differ in "
                                + toolchain
                                + ": "
                                + different.stream()
                                        .map(BuildListing::offer)
                                        .collect(Collectors.joining(", ")));
            }
        });
        return warnings;
    }

    private static String offer(ToolchainVersion version) {
        return version.getVersion()
                + " at "
                + version.getWorkers()
                + (version.getChosen() ? " (new builds get it)" : " (idle unless asked before)");
    }

    /// For how long it has been so, in whole seconds; a clock that is behind makes it 0.
    private String age(Build build) {
        if (!build.hasStateTime()) {
            return "-";
        }
        return Math.max(0, Duration.between(since(build), clock.instant()).toSeconds()) + "s";
    }

    private static Instant since(Build build) {
        return Instant.ofEpochSecond(
                build.getStateTime().getSeconds(), build.getStateTime().getNanos());
    }

    private static String result(Build build) {
        return switch (build.getState()) {
            case QUEUED -> waiting(build);
            case RUNNING ->
                    build.getBlocked().isEmpty() ? "at " + build.getWorker() : build.getBlocked();
            case DONE -> build.getArtifactBytes() + " bytes in " + build.getBuildMillis() + " ms";
            case FAILED ->
                    build.getProblemsCount() == 0
                            ? "the program is wrong"
                            : build.getProblems(0).getMessage();
            case STATE_UNSPECIFIED, UNRECOGNIZED -> "-";
        };
    }

    private static String waiting(Build build) {
        if (!build.getBlocked().isEmpty()) {
            return build.getBlocked();
        }
        return build.getReason().isEmpty() ? "-" : "again: " + build.getReason();
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
                            .put("blocked", build.getBlocked())
                            .put("state_time", build.hasStateTime() ? since(build).toString() : "")
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
        ArrayNode warnings = root.putArray("warnings");
        mixed().forEach(warnings::add);
    }
}
