package io.mimicore.cli;

import io.grpc.Channel;
import io.mimicore.proto.admin.v1.FleetServiceGrpc;
import io.mimicore.proto.admin.v1.ListNodesRequest;
import io.mimicore.proto.admin.v1.ListNodesResponse;
import io.mimicore.proto.admin.v1.Node;
import io.mimicore.proto.admin.v1.NodeProblem;
import io.mimicore.proto.admin.v1.NodeWindow;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The nodes of the fleet: what each serves, who has its stream, and why one is behind.
final class NodeListing implements Listing {
    private final List<Node> nodes = new ArrayList<>();
    private long target;

    @Override
    public void fetch(Channel channel) {
        var stub = FleetServiceGrpc.newBlockingStub(channel);
        List<ListNodesResponse> pages =
                Listing.pages(
                        token ->
                                AdminConnection.limited(stub)
                                        .listNodes(
                                                ListNodesRequest.newBuilder()
                                                        .setPageSize(PAGE_SIZE)
                                                        .setPageToken(token)
                                                        .build()),
                        ListNodesResponse::getNextPageToken);
        pages.forEach(page -> nodes.addAll(page.getNodesList()));
        target = pages.getLast().getTargetVersion();
    }

    @Override
    public void print(PrintWriter out) {
        String row = "%-24s %-9s %-13s %-11s %-22s %s%n";
        out.printf(
                Locale.ROOT, row, "NODE", "VERSION", "STATE", "DRAIN", "CONTROL PLANE", "BEHIND");
        for (Node node : nodes) {
            out.printf(
                    Locale.ROOT,
                    row,
                    id(node),
                    node.getVersion() == 0 ? "-" : Long.toString(node.getVersion()),
                    state(node),
                    drain(node),
                    node.getControlPlane().isEmpty() ? "-" : node.getControlPlane(),
                    whyBehind(node));
        }
        for (Node node : nodes) {
            for (NodeProblem problem : node.getRejection().getProblemsList()) {
                out.printf(
                        Locale.ROOT,
                        "%s: refused version %d: %s%s: %s%n",
                        id(node),
                        node.getRejection().getVersion(),
                        problem.getApi().isEmpty() ? "" : problem.getApi() + ": ",
                        problem.getCode(),
                        problem.getMessage());
            }
        }
        out.printf(Locale.ROOT, "nodes are to run version %d%n", target);
    }

    private String whyBehind(Node node) {
        if (node.getVersion() == target) {
            return "-";
        }
        if (node.getPoisonVersion() == target && target != 0) {
            return "version " + target + " crashed it twice";
        }
        return switch (node.getState()) {
            case REJECTED -> "it refused version " + node.getRejection().getVersion();
            case OFFERED -> "it prepares version " + node.getOfferedVersion();
            case PREPARED -> "it activates version " + node.getOfferedVersion();
            case LAGGING -> "it does not answer";
            case DISCONNECTED -> "it is not connected";
            case LOST -> "its control plane is gone, and no other has it yet";
            case CONNECTING -> "it has just connected";
            case IN_SYNC, STATE_UNSPECIFIED, UNRECOGNIZED ->
                    "version " + target + " was published just now";
        };
    }

    static String id(Node node) {
        return node.getName().replaceFirst("^nodes/", "");
    }

    static String state(Node node) {
        return node.getState().name().toLowerCase(Locale.ROOT);
    }

    private static String drain(Node node) {
        return switch (node.getDrain()) {
            case ORDERED, DRAINING, DRAINED -> node.getDrain().name().toLowerCase(Locale.ROOT);
            case NOT_DRAINED, DRAIN_UNSPECIFIED, UNRECOGNIZED -> "-";
        };
    }

    @Override
    public void addTo(ObjectNode root) {
        root.put("target_version", target);
        ArrayNode list = root.putArray("nodes");
        for (Node node : nodes) {
            ObjectNode shown =
                    list.addObject()
                            .put("name", node.getName())
                            .put("boot_id", node.getBootId())
                            .put("build", node.getBuild())
                            .put("state", state(node))
                            .put("drain", node.getDrain().name().toLowerCase(Locale.ROOT))
                            .put("control_plane", node.getControlPlane())
                            .put("version", node.getVersion())
                            .put("offered_version", node.getOfferedVersion())
                            .put("poison_version", node.getPoisonVersion());
            ObjectNode labels = shown.putObject("labels");
            new TreeMap<>(node.getLabelsMap()).forEach(labels::put);
            if (node.hasRejection()) {
                ObjectNode rejection =
                        shown.putObject("rejection")
                                .put("version", node.getRejection().getVersion());
                ArrayNode problems = rejection.putArray("problems");
                node.getRejection().getProblemsList().forEach(problem -> add(problems, problem));
            }
            if (node.hasWindow()) {
                add(shown.putObject("window"), node.getWindow());
            }
        }
    }

    static void add(ArrayNode list, NodeProblem problem) {
        list.addObject()
                .put("api", problem.getApi())
                .put("code", problem.getCode())
                .put("message", problem.getMessage());
    }

    private static void add(ObjectNode shown, NodeWindow window) {
        shown.put("version", window.getVersion())
                .put("window_millis", window.getWindowMillis())
                .put("requests", window.getRequests())
                .put("server_errors", window.getServerErrors())
                .put("wasm_failures", window.getWasmFailures());
    }
}
