package io.mimicore.benchmarks.fleet;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.mimicore.signing.ClusterKey;
import io.mimicore.testkit.process.MimicoreCommand;
import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.MinioServer;
import io.mimicore.testkit.process.RealEtcd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;

/// A real etcd, a real MinIO, and roles of the packaged program that use them, each a process of
/// its own; all watch one directory of configs. Confined to one thread.
final class Cluster implements AutoCloseable {
    private static final String BUCKET = "mimicore";
    private static final int HEAP_MEGABYTES = 768;

    private final Path directory;
    private final Path configs;
    private final ClusterKey key;
    private final Deque<AutoCloseable> parts = new ConcurrentLinkedDeque<>();
    private final RealEtcd etcd;
    private final MinioServer minio;

    private Cluster(Path directory) throws IOException {
        this.directory = directory;
        this.configs = Files.createDirectories(directory.resolve("configs"));
        this.key = makeKey(directory);
        this.etcd = RealEtcd.start(directory.resolve("etcd"));
        parts.push(etcd);
        this.minio = MinioServer.start(directory.resolve("minio"));
        parts.push(minio);
        minio.bucket(BUCKET);
    }

    static Cluster start(Path directory) {
        try {
            return new Cluster(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ClusterKey key() {
        return key;
    }

    /// Where MinIO keeps the artifacts.
    Path artifacts() {
        return minio.data().resolve(BUCKET);
    }

    /// Starts a control plane and waits until it is ready.
    ControlPlaneProcess controlPlane() {
        List<String> flags = new ArrayList<>(List.of("control-plane"));
        flags.addAll(stores());
        flags.addAll(List.of("--configs", configs.toString(), "--stream-port", "0"));
        flags.addAll(List.of("--admin-port", "0", "--metrics-port", "0"));
        var process = new ControlPlaneProcess(keep(launch(flags)));
        parts.push(process);
        return process;
    }

    /// Starts a compiler worker and waits until it is ready.
    void worker() {
        List<String> flags = new ArrayList<>(List.of("compiler-worker"));
        flags.addAll(stores());
        flags.addAll(List.of("--worker-id", "worker", "--metrics-port", "0"));
        keep(launch(flags));
    }

    /// Starts a node and waits until it is ready.
    MimicoreProcess node(ControlPlaneProcess controlPlane) {
        List<String> flags = new ArrayList<>(List.of("data-plane"));
        flags.addAll(List.of("--control-plane", controlPlane.streamAddress()));
        flags.addAll(List.of("--trusted-key", directory.resolve("cluster.key.pub").toString()));
        flags.addAll(List.of("--node-id", "node"));
        flags.addAll(List.of("--state", directory.resolve("node").toString()));
        flags.addAll(List.of("--port", "0", "--metrics-port", "0"));
        return keep(launch(flags));
    }

    /// Saves a config as editors that replace files do.
    void save(String api, String text) {
        try {
            Path draft = Files.writeString(configs.resolve("." + api + ".draft"), text);
            Files.move(draft, configs.resolve(api + ".json"), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    @SuppressWarnings("IllegalCatch") // every part is closed, whatever closing another throws
    public void close() {
        for (AutoCloseable part = parts.poll(); part != null; part = parts.poll()) {
            try {
                part.close();
            } catch (Exception e) {
                System.err.println("closing: " + e);
            }
        }
    }

    private List<String> stores() {
        return List.of(
                "--etcd",
                etcd.endpoint(),
                "--s3-endpoint",
                minio.endpoint().toString(),
                "--s3-bucket",
                BUCKET,
                "--cluster-key",
                directory.resolve("cluster.key").toString());
    }

    private MimicoreProcess keep(MimicoreProcess process) {
        parts.push(process);
        process.awaitReady();
        return process;
    }

    private static MimicoreProcess launch(List<String> flags) {
        // With all of its heap resident from the start, what a node adds is not hidden by how the
        // collector grows the heap.
        String options = "-Xms" + HEAP_MEGABYTES + "m -XX:+AlwaysPreTouch";
        Map<String, String> environment =
                Map.of(
                        "MINIO_ACCESS_KEY",
                        MinioServer.ACCESS_KEY,
                        "MINIO_SECRET_KEY",
                        MinioServer.SECRET_KEY,
                        "JAVA_TOOL_OPTIONS",
                        options);
        return MimicoreProcess.launch(
                new MimicoreProcess.CommandLine(flags, environment, HEAP_MEGABYTES));
    }

    private static ClusterKey makeKey(Path directory) throws IOException {
        Path file = directory.resolve("cluster.key");
        MimicoreCommand.Outcome made =
                MimicoreCommand.in(directory).run("cluster-key", file.toString());
        if (made.exitCode() != 0) {
            throw new IllegalStateException("cluster-key: " + made.err());
        }
        return ClusterKey.decode(Files.readString(file, US_ASCII));
    }
}
