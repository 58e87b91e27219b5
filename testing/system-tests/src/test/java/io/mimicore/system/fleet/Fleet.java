package io.mimicore.system.fleet;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.mimicore.build.BuildOutcome;
import io.mimicore.build.BuildRequest;
import io.mimicore.build.StoreBuildQueue;
import io.mimicore.compiler.artifacts.s3.S3ArtifactStore;
import io.mimicore.compiler.worker.CompilerWorker;
import io.mimicore.config.CodeSource;
import io.mimicore.ir.Digest;
import io.mimicore.signing.ClusterKey;
import io.mimicore.store.MetadataStore;
import io.mimicore.testkit.process.MinioServer;
import io.mimicore.testkit.process.RealEtcd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.FutureTask;

/// A real etcd and a real MinIO, and askers and workers over connections of their own.
final class Fleet {
    private static final Duration BUILD_PATIENCE = Duration.ofMinutes(2);

    private final RealEtcd etcd;
    private final MinioServer minio;
    private final ClusterKey key = ClusterKey.generate();
    private final Path keyFile;
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    private Fleet(RealEtcd etcd, MinioServer minio, Path keyFile) throws IOException {
        this.etcd = etcd;
        this.minio = minio;
        this.keyFile = keyFile;
        Files.writeString(keyFile, key.encode());
    }

    static Fleet start(Path directory) throws IOException {
        Path data = directory.resolve("minio");
        Files.createDirectories(data.resolve("data").resolve(FleetStores.BUCKET));
        var etcd = RealEtcd.start(directory.resolve("etcd"));
        return new Fleet(etcd, MinioServer.start(data), directory.resolve("cluster.key"));
    }

    int etcdPort() {
        return Integer.parseInt(etcd.endpoint().substring(etcd.endpoint().indexOf(':') + 1));
    }

    int s3Port() {
        return minio.endpoint().getPort();
    }

    ClusterKey key() {
        return key;
    }

    Path keyFile() {
        return keyFile;
    }

    MinioServer minio() {
        return minio;
    }

    /// A connection to etcd of its own, closed with the fleet.
    MetadataStore store() {
        return keep(FleetStores.etcd(etcd.endpoint()));
    }

    /// A client of S3 of its own, closed with the fleet.
    S3ArtifactStore artifacts() {
        return keep(FleetStores.s3(minio.endpoint()));
    }

    /// A worker in this process, started; closed with the fleet.
    CompilerWorker worker(String id, GatedToolchain toolchain, int concurrency) {
        CompilerWorker worker =
                keep(
                        CompilerWorker.builder(store(), FleetStores.KEYS, artifacts())
                                .id(id)
                                .signer(key)
                                .toolchains(List.of(toolchain))
                                .meters(new SimpleMeterRegistry())
                                .concurrency(concurrency)
                                .build());
        worker.start();
        return worker;
    }

    /// A queue as that of one control plane.
    StoreBuildQueue queue() {
        return StoreBuildQueue.builder(store(), FleetStores.KEYS, artifacts())
                .buildPatience(BUILD_PATIENCE)
                .build();
    }

    /// Asks on a thread of its own.
    static FutureTask<BuildOutcome> ask(StoreBuildQueue queue, String source) {
        var task =
                new FutureTask<>(
                        () -> queue.build(bytes(source), false, CodeSource.Toolchain.AUTO));
        Thread.ofVirtual().name("asker").start(task);
        return task;
    }

    /// The key of a program.
    static Digest keyOf(String source) {
        String version = new GatedToolchain(Path.of("unused"), 1).version();
        return new BuildRequest("go", version, bytes(source)).key();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    <T extends AutoCloseable> T keep(T part) {
        parts.push(part);
        return part;
    }

    /// Closes and ends everything.
    @SuppressWarnings("IllegalCatch") // everything is closed, whatever closing another throws
    void stop() throws Exception {
        Exception failure = null;
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                failure = e;
            }
        }
        minio.close();
        etcd.close();
        if (failure != null) {
            throw failure;
        }
    }
}
