package io.mimicore.system.fleet;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.mimicore.compiler.worker.CompilerWorker;
import io.mimicore.signing.ClusterKey;
import io.mimicore.testkit.process.StallableLink;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A compiler worker with a [GatedToolchain] in a process of its own, whose links to etcd and S3
/// can stall. Not thread-safe.
final class WorkerProcess implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 30;

    private final StallableLink etcd;
    private final StallableLink s3;
    private final Path gate;
    private final Process process;

    /// What the process does. Ends when it is killed.
    ///
    /// @param arguments id, `host:port` of etcd, of S3, file of the cluster's key, gate, shift
    public static void main(String[] arguments) throws IOException, InterruptedException {
        try (var store = FleetStores.etcd(arguments[1]);
                var artifacts = FleetStores.s3(URI.create("http://" + arguments[2]));
                var worker =
                        CompilerWorker.builder(store, FleetStores.KEYS, artifacts)
                                .id(arguments[0])
                                .signer(ClusterKey.decode(Files.readString(Path.of(arguments[3]))))
                                .toolchains(
                                        List.of(
                                                new GatedToolchain(
                                                        Path.of(arguments[4]),
                                                        Integer.parseInt(arguments[5]))))
                                .meters(new SimpleMeterRegistry())
                                .concurrency(1)
                                .build()) {
            worker.start();
            new CountDownLatch(1).await();
        }
    }

    private WorkerProcess(StallableLink etcd, StallableLink s3, Path gate, Process process) {
        this.etcd = etcd;
        this.s3 = s3;
        this.gate = gate;
        this.process = process;
    }

    /// Starts one whose first build does not end before [#release].
    ///
    /// @param directory for its files; its name is the worker's id
    static WorkerProcess start(Path directory, Fleet fleet, int shift) throws IOException {
        Path gate = Files.createDirectories(directory);
        Files.write(GatedToolchain.held(gate), new byte[0]);
        StallableLink etcd = StallableLink.to(fleet.etcdPort());
        StallableLink s3 = StallableLink.to(fleet.s3Port());
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home", ""), "bin", "java")
                                        .toString(),
                                "-Xmx128m",
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-cp",
                                System.getProperty("java.class.path", ""),
                                WorkerProcess.class.getName(),
                                Objects.toString(directory.getFileName()),
                                etcd.endpoint(),
                                s3.endpoint(),
                                fleet.keyFile().toString(),
                                gate.toString(),
                                Integer.toString(shift))
                        .redirectErrorStream(true)
                        .redirectOutput(log(gate).toFile())
                        .start();
        return new WorkerProcess(etcd, s3, gate, process);
    }

    /// The link to etcd.
    StallableLink etcd() {
        return etcd;
    }

    /// The link to S3.
    StallableLink s3() {
        return s3;
    }

    boolean hasBegun() {
        return Files.exists(GatedToolchain.begun(gate));
    }

    /// Lets the build end.
    void release() throws IOException {
        Files.delete(GatedToolchain.held(gate));
    }

    String output() throws IOException {
        return Files.readString(log(gate));
    }

    /// Ends it at once, with SIGKILL.
    void kill() {
        process.destroyForcibly();
    }

    /// Stops it without ending it, with SIGSTOP.
    void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /// Lets it go on, with SIGCONT.
    void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    @Override
    public void close() throws IOException {
        kill();
        try {
            boolean _ = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        etcd.close();
        s3.close();
    }

    private void signal(String name) throws IOException, InterruptedException {
        int exit =
                new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor();
        if (exit != 0) {
            throw new IOException("kill -" + name + ": exit code " + exit + " (expected: 0)");
        }
    }

    private static Path log(Path gate) {
        return gate.resolve("log");
    }
}
