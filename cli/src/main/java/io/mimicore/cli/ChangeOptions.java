package io.mimicore.cli;

import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractStub;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// How a command that changes what is served reaches the admin API, waits and prints.
final class ChangeOptions {
    @Mixin private AdminConnection admin;

    @Option(
            names = "--wait",
            description = {
                "Waits until every connected node serves the change; says on standard error what",
                "each node does meanwhile. Exit code 1: a node refuses it, or --timeout has passed."
            })
    private boolean wait;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "300",
            description = {
                "How long a change may take, builds included, and then --wait (default: 300).",
                "What was begun goes on after it; the same command again does nothing twice."
            })
    private int timeoutSeconds;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "human",
            description = "How to print: ${COMPLETION-CANDIDATES} (default: human).")
    private OutputFormat output;

    /// Makes a call that changes something, or several.
    ///
    /// @throws StatusRuntimeException if one fails
    <T> T call(Function<Channel, T> calls) {
        return admin.call(calls);
    }

    /// The stub with the time that its next call may take.
    <S extends AbstractStub<S>> S limited(S stub) {
        return stub.withDeadlineAfter(timeoutSeconds, TimeUnit.SECONDS);
    }

    /// What the person is told of a call that failed.
    CommandFailure failure(StatusRuntimeException e) {
        return admin.failure(e);
    }

    /// Whether a program reads the answer.
    boolean isJson() {
        return output == OutputFormat.json;
    }

    /// With `--wait`, waits until the fleet serves a version.
    ///
    /// @param version 0: there is nothing to wait for
    /// @param err takes what nodes do meanwhile
    /// @return the exit code
    int await(long version, ObjectNode answer, PrintWriter err) throws InterruptedException {
        if (!wait || version == 0) {
            return ExitCode.DONE;
        }
        FleetWait fleet = new FleetWait(admin, version, Duration.ofSeconds(timeoutSeconds));
        FleetWait.Outcome outcome = fleet.await(err);
        outcome.addTo(answer.putObject("fleet"));
        if (!isJson() || !outcome.serves()) {
            err.println(outcome.text());
            err.flush();
        }
        return outcome.serves() ? ExitCode.DONE : ExitCode.REFUSED;
    }
}
