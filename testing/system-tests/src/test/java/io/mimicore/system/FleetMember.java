package io.mimicore.system;

import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import io.mimicore.testkit.process.RawResponse;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One process of the program in a fleet. It is started again with the same flags, so on the same
/// ports. Not thread-safe.
final class FleetMember implements AutoCloseable {
    private final String name;
    private final MimicoreProcess.CommandLine command;
    private final List<MimicoreProcess> past = new ArrayList<>();
    private @Nullable MimicoreProcess process;

    FleetMember(String name, MimicoreProcess.CommandLine command) {
        this.name = name;
        this.command = command;
    }

    /// What tests call it, and nodes are named.
    String name() {
        return name;
    }

    /// Starts it and waits until it is ready.
    void start() {
        launch();
        process().awaitReady();
    }

    /// Starts it and waits for nothing.
    void launch() {
        if (process != null) {
            past.add(process);
        }
        process = MimicoreProcess.launch(command);
    }

    /// Ends it at once, with SIGKILL, and waits.
    void kill() {
        process().kill();
    }

    /// Ends it with SIGTERM, and waits.
    ///
    /// @return the exit code
    int terminate() {
        return process().terminate();
    }

    /// Stops it without ending it, with SIGSTOP.
    void pause() {
        process().pause();
    }

    /// Lets it go on, with SIGCONT.
    void resume() {
        process().resume();
    }

    boolean isAlive() {
        return process != null && process.isAlive();
    }

    /// The process that was started last.
    MimicoreProcess process() {
        MimicoreProcess started = process;
        if (started == null) {
            throw new IllegalStateException(name + ": not started");
        }
        return started;
    }

    /// Everything that it has printed, in all its lives.
    String log() {
        return Stream.concat(past.stream(), Stream.of(process()))
                .map(life -> life.out().text() + life.err().text())
                .collect(Collectors.joining());
    }

    /// Where a node serves, as its flags say: known before it is ready.
    InetSocketAddress traffic() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port("--port"));
    }

    /// Where a control plane's admin API is: its name among control planes.
    String admin() {
        return "127.0.0.1:" + port("--admin-port");
    }

    /// One request to a node.
    RawResponse send(RawRequest request) {
        try (RawConnection connection = RawConnection.open(traffic())) {
            return connection.send(request);
        }
    }

    /// A page of `/metrics`, `/readyz` or `/livez`.
    RawResponse operations(String path) {
        var address =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port("--metrics-port"));
        try (RawConnection connection = RawConnection.open(address)) {
            return connection.send(RawRequest.get("localhost", path));
        }
    }

    private int port(String flag) {
        List<String> arguments = command.arguments();
        return Integer.parseInt(arguments.get(arguments.indexOf(flag) + 1));
    }

    @Override
    public void close() {
        if (process != null) {
            process.close();
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
