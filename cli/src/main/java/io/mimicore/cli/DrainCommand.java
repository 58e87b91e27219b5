package io.mimicore.cli;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.mimicore.proto.admin.v1.DrainNodeRequest;
import io.mimicore.proto.admin.v1.FleetServiceGrpc;
import io.mimicore.proto.admin.v1.FleetServiceGrpc.FleetServiceBlockingStub;
import io.mimicore.proto.admin.v1.Node;
import io.mimicore.proto.admin.v1.WatchNodesRequest;
import io.mimicore.proto.admin.v1.WatchNodesResponse;
import java.io.PrintWriter;
import java.util.Iterator;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `mimicore drain NODE`: takes traffic away from a node, or gives it back.
@Command(
        name = "drain",
        description = {
            "Takes traffic away from a node, or gives it back.",
            "",
            "A drained node answers 503 to /readyz, so that load balancers take it out, and asks clients",
            "to close their connections. It serves whatever still comes. It stays drained, over restarts",
            "too, until this is undone. Any control plane can be asked."
        },
        mixinStandardHelpOptions = true)
final class DrainCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "NODE", description = "The node, as `mimicore get nodes` names it.")
    private String node;

    @Option(names = "--undo", description = "Give it traffic again.")
    private boolean undo;

    @Option(
            names = "--wait",
            description =
                    "Return when it takes no traffic: it is not ready, and no request came in a"
                            + " second. With --undo: when it is ready again.")
    private boolean waits;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "How long to wait (default: ${DEFAULT-VALUE}).")
    private int timeoutSeconds;

    @Mixin private AdminConnection admin;

    @Override
    public Integer call() {
        if (timeoutSeconds < 1) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--timeout: " + timeoutSeconds + " (expected: at least 1)");
        }
        String name = "nodes/" + node;
        DrainNodeRequest request =
                DrainNodeRequest.newBuilder().setName(name).setUndo(undo).build();
        try {
            Node _ =
                    admin.call(channel -> {
                        var stub = FleetServiceGrpc.newBlockingStub(channel);
                        Node drained = AdminConnection.limited(stub).drainNode(request);
                        if (waits) {
                            awaitDone(stub, name);
                        }
                        return drained;
                    });
        } catch (StatusRuntimeException e) {
            throw admin.failure(e);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(node + result());
        out.flush();
        return ExitCode.DONE;
    }

    private String result() {
        if (undo) {
            return waits ? " takes traffic again" : " is to take traffic again";
        }
        return waits
                ? " is drained: it is not ready, and no request came in its last second"
                : " is to be drained: `mimicore get nodes` shows how far it is";
    }

    private void awaitDone(FleetServiceBlockingStub stub, String name) {
        Node last = null;
        try {
            Iterator<WatchNodesResponse> answers =
                    stub.withDeadlineAfter(timeoutSeconds, TimeUnit.SECONDS)
                            .watchNodes(WatchNodesRequest.getDefaultInstance());
            while (last == null || !isDone(last)) {
                for (Node shown : answers.next().getNodesList()) {
                    last = shown.getName().equals(name) ? shown : last;
                }
            }
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != Status.Code.DEADLINE_EXCEEDED) {
                throw e;
            }
            throw new CommandFailure(ExitCode.REFUSED, stillOpen(last), e);
        }
    }

    private boolean isDone(Node shown) {
        return shown.getDrain() == (undo ? Node.Drain.NOT_DRAINED : Node.Drain.DRAINED);
    }

    private String stillOpen(@Nullable Node last) {
        String why =
                switch (last == null ? Node.Drain.DRAIN_UNSPECIFIED : last.getDrain()) {
                    case ORDERED -> "the node has not confirmed it; its state: " + state(last);
                    case DRAINING ->
                            undo
                                    ? "the node has not confirmed it; its state: " + state(last)
                                    : "the node is not ready any more, but requests still come";
                    case DRAIN_UNSPECIFIED, NOT_DRAINED, DRAINED, UNRECOGNIZED ->
                            "the control plane has not seen it yet";
                };
        return node + ": not within " + timeoutSeconds + " s, and it stays ordered: " + why;
    }

    private static String state(@Nullable Node shown) {
        return shown == null ? "unknown" : shown.getState().name().toLowerCase(Locale.ROOT);
    }
}
