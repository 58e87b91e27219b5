package io.mimicore.cli;

import io.grpc.StatusRuntimeException;
import io.mimicore.proto.admin.v1.FleetServiceGrpc;
import io.mimicore.proto.admin.v1.ListNodesRequest;
import io.mimicore.proto.admin.v1.ListNodesResponse;
import io.mimicore.proto.admin.v1.Node;
import io.mimicore.proto.admin.v1.NodeProblem;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Waits until every connected node serves a version, or a later one.
///
/// Asks for all nodes again and again. Nodes that are not connected are not waited for: they get
/// the version before anything else when they come back. While no control plane answers, or no node
/// is connected, it goes on until its time is over: a fleet that nobody sees serves nothing for
/// certain.
final class FleetWait {
    private static final Duration POLL = Duration.ofMillis(200);

    private final AdminConnection admin;
    private final long version;
    private final Duration patience;
    private final Map<String, String> told = new HashMap<>();

    FleetWait(AdminConnection admin, long version, Duration patience) {
        this.admin = admin;
        this.version = version;
        this.patience = patience;
    }

    /// How the wait has ended.
    ///
    /// @param serves whether every connected node serves the version
    /// @param text what a person is told
    /// @param nodes as they were last seen
    record Outcome(boolean serves, String text, long version, List<Node> nodes) {
        Outcome {
            nodes = List.copyOf(nodes);
        }

        void addTo(ObjectNode root) {
            root.put("version", version).put("serves", serves).put("message", text);
            ArrayNode list = root.putArray("nodes");
            for (Node node : nodes) {
                ObjectNode shown =
                        list.addObject()
                                .put("name", node.getName())
                                .put("version", node.getVersion())
                                .put("state", NodeListing.state(node));
                ArrayNode problems = shown.putArray("problems");
                if (node.getRejection().getVersion() == version) {
                    node.getRejection()
                            .getProblemsList()
                            .forEach(problem -> NodeListing.add(problems, problem));
                }
            }
        }
    }

    /// Waits.
    ///
    /// @param err takes a line whenever a node does something else
    Outcome await(PrintWriter err) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            List<Node> nodes = List.of();
            String unseen = "no node is connected";
            try {
                nodes = nodes();
            } catch (StatusRuntimeException e) {
                unseen = String.valueOf(admin.failure(e).getMessage());
            }
            nodes.forEach(node -> tell(node, err));
            List<Node> connected =
                    nodes.stream()
                            .filter(node -> node.getState() != Node.State.DISCONNECTED)
                            .toList();
            List<Node> behind = connected.stream().filter(node -> !serves(node)).toList();
            if (!connected.isEmpty() && behind.isEmpty()) {
                return served(nodes, connected.size());
            }
            List<Node> refusing = behind.stream().filter(this::refuses).toList();
            if (!refusing.isEmpty()) {
                return new Outcome(false, refusal(refusing), version, nodes);
            }
            if (System.nanoTime() - deadline > 0) {
                return new Outcome(
                        false, late(connected.isEmpty() ? unseen : names(behind)), version, nodes);
            }
            LockSupport.parkNanos(POLL.toNanos());
            if (Thread.interrupted()) {
                throw new InterruptedException("stopped while the fleet was waited for");
            }
        }
    }

    private List<Node> nodes() {
        return admin.call(channel -> {
            var stub = FleetServiceGrpc.newBlockingStub(channel);
            List<Node> nodes = new ArrayList<>();
            Listing.pages(
                            token ->
                                    AdminConnection.limited(stub)
                                            .listNodes(
                                                    ListNodesRequest.newBuilder()
                                                            .setPageSize(Listing.PAGE_SIZE)
                                                            .setPageToken(token)
                                                            .build()),
                            ListNodesResponse::getNextPageToken)
                    .forEach(page -> nodes.addAll(page.getNodesList()));
            return nodes;
        });
    }

    private boolean serves(Node node) {
        return node.getVersion() >= version;
    }

    /// Whether it will not come to serve the version by itself.
    private boolean refuses(Node node) {
        boolean rejected =
                node.getState() == Node.State.REJECTED
                        && node.getRejection().getVersion() >= version;
        return rejected || node.getPoisonVersion() == version;
    }

    private void tell(Node node, PrintWriter err) {
        String doing = doing(node);
        if (!doing.equals(told.put(node.getName(), doing))) {
            err.println(NodeListing.id(node) + ": " + doing);
            err.flush();
        }
    }

    private String doing(Node node) {
        if (serves(node)) {
            return "serves version " + node.getVersion();
        }
        return switch (node.getState()) {
            case REJECTED -> "refuses version " + node.getRejection().getVersion();
            case OFFERED -> "prepares version " + node.getOfferedVersion();
            case PREPARED -> "activates version " + node.getOfferedVersion();
            case LAGGING -> "does not answer";
            case LOST -> "is lost: its control plane is gone, and no other has it yet";
            case DISCONNECTED -> "is not connected and gets it when it comes back";
            case CONNECTING, IN_SYNC, STATE_UNSPECIFIED, UNRECOGNIZED ->
                    "serves version " + node.getVersion() + " yet";
        };
    }

    private Outcome served(List<Node> nodes, int connected) {
        int away = nodes.size() - connected;
        String text =
                connected
                        + (connected == 1 ? " node serves" : " nodes serve")
                        + " version "
                        + version
                        + (away == 0 ? "" : "; not connected: " + away);
        return new Outcome(true, text, version, nodes);
    }

    private String refusal(List<Node> refusing) {
        var text = new StringBuilder("version " + version + " is refused");
        for (Node node : refusing) {
            String id = NodeListing.id(node);
            if (node.getPoisonVersion() == version) {
                text.append('\n').append(id).append(": it crashed the node twice");
            }
            for (NodeProblem problem : node.getRejection().getProblemsList()) {
                text.append('\n').append(id).append(": ");
                if (!problem.getApi().isEmpty()) {
                    text.append(problem.getApi()).append(": ");
                }
                text.append(problem.getCode()).append(": ").append(problem.getMessage());
            }
        }
        return text.toString();
    }

    private String late(String why) {
        return "version "
                + version
                + " is published, and is not served everywhere after "
                + patience.toSeconds()
                + " s: "
                + why;
    }

    private String names(List<Node> behind) {
        return String.join(
                ", ",
                behind.stream().map(node -> NodeListing.id(node) + " " + doing(node)).toList());
    }
}
