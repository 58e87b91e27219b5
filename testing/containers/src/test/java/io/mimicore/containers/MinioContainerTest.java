package io.mimicore.containers;

import io.mimicore.compiler.artifacts.s3.S3ArtifactStore;
import io.mimicore.compiler.artifacts.s3.S3Settings;
import io.mimicore.store.ArtifactStore;
import io.mimicore.testkit.contract.ArtifactStoreContract;
import io.mimicore.testkit.process.MinioServer;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/// The contract of artifact stores on MinIO in a container; each test has a cluster of its own.
class MinioContainerTest extends ArtifactStoreContract {
    private static final int PORT = 9000;
    private static final String BUCKET = "artifacts";

    @TempDir static Path directory;
    private static AutoCloseable server;
    private static URI endpoint;
    private static int clusters;

    @BeforeAll
    static void start() {
        if (ServerImage.hasEngine()) {
            GenericContainer<?> container =
                    ServerImage.of("minio")
                            .withCommand("server", "--address", ":" + PORT, "/data/minio")
                            .withEnv("MINIO_ROOT_USER", MinioServer.ACCESS_KEY)
                            .withEnv("MINIO_ROOT_PASSWORD", MinioServer.SECRET_KEY)
                            .withEnv("MINIO_BROWSER", "off")
                            .withEnv("HOME", "/data")
                            .withExposedPorts(PORT)
                            .waitingFor(Wait.forHttp("/minio/health/live").forPort(PORT));
            container.start();
            server = container;
            endpoint =
                    URI.create(
                            "http://" + container.getHost() + ":" + container.getMappedPort(PORT));
        } else {
            MinioServer minio = MinioServer.start(directory);
            server = minio;
            endpoint = minio.endpoint();
        }
        try (S3Client client = client()) {
            client.createBucket(request -> request.bucket(BUCKET));
        }
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @Override
    protected ArtifactStore open() {
        clusters++;
        return reopen();
    }

    @Override
    protected ArtifactStore reopen() {
        return S3ArtifactStore.of(
                new S3Settings(
                        endpoint,
                        S3Settings.REGION,
                        BUCKET,
                        "cluster" + clusters,
                        new S3Settings.Credentials(
                                MinioServer.ACCESS_KEY, MinioServer.SECRET_KEY)));
    }

    private static S3Client client() {
        return S3Client.builder()
                .endpointOverride(endpoint)
                .forcePathStyle(true)
                .region(Region.of(S3Settings.REGION))
                .credentialsProvider(
                        StaticCredentialsProvider.create(
                                AwsBasicCredentials.create(
                                        MinioServer.ACCESS_KEY, MinioServer.SECRET_KEY)))
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }
}
