package io.mimicore.compiler.artifacts.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimicore.ir.Digest;
import io.mimicore.store.ArtifactStore;
import io.mimicore.store.StoreException;
import io.mimicore.testkit.contract.ArtifactStoreContract;
import io.mimicore.testkit.process.MinioServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.MultipartUpload;

/// The store against a real MinIO; each test has a cluster of its own in the same bucket.
class S3ArtifactStoreTest extends ArtifactStoreContract {
    private static final String BUCKET = "artifacts";

    private static MinioServer minio;
    private static S3Client client;
    private static int clusters;

    private String cluster = "";

    @BeforeAll
    static void startMinio(@TempDir Path directory) throws IOException {
        Files.createDirectories(directory.resolve("data").resolve(BUCKET));
        minio = MinioServer.start(directory);
        client =
                S3Client.builder()
                        .endpointOverride(minio.endpoint())
                        .forcePathStyle(true)
                        .region(Region.of(S3Settings.REGION))
                        .credentialsProvider(
                                StaticCredentialsProvider.create(
                                        AwsBasicCredentials.create(
                                                MinioServer.ACCESS_KEY, MinioServer.SECRET_KEY)))
                        .httpClientBuilder(UrlConnectionHttpClient.builder())
                        .build();
    }

    @AfterAll
    static void stopMinio() {
        client.close();
        minio.close();
    }

    @Override
    protected ArtifactStore open() {
        cluster = "cluster" + clusters++;
        return reopen();
    }

    @Override
    protected ArtifactStore reopen() {
        return store(BUCKET, MinioServer.SECRET_KEY);
    }

    private S3ArtifactStore store(String bucket, String secret) {
        return S3ArtifactStore.of(
                new S3Settings(
                        minio.endpoint(),
                        S3Settings.REGION,
                        bucket,
                        cluster,
                        new S3Settings.Credentials(MinioServer.ACCESS_KEY, secret)));
    }

    @Test
    void put_anotherContentIsInItsPlace_isReplaced() throws IOException {
        byte[] content = "module".getBytes(UTF_8);
        Digest digest = Digest.of(content);
        ArtifactStore store = reopen();
        overwrite(digest, "damaged");
        assertThat(store.contains(digest)).isFalse();

        assertThat(store.put(content)).isEqualTo(new ArtifactStore.Stored(digest, true));

        assertThat(store.contains(digest)).isTrue();
        try (InputStream stored = store.open(digest)) {
            assertThat(stored).hasBinaryContent(content);
        }
        assertThat(store.put(content).created()).isFalse();
    }

    @Test
    void uploads_thatNeverEnded_areFoundAndGivenUp() {
        ArtifactStore store = reopen();
        String mine = begin(cluster + "/artifact/" + Digest.of(new byte[] {3}).hex());
        String others = begin("other/artifact/" + Digest.of(new byte[] {3}).hex());

        assertThat(store.uploads()).extracting(ArtifactStore.Upload::id).containsExactly(mine);
        ArtifactStore.Upload upload = store.uploads().getFirst();
        store.abort(upload);
        store.abort(upload);

        assertThat(store.uploads()).isEmpty();
        assertThat(client.listMultipartUploads(request -> request.bucket(BUCKET)).uploads())
                .extracting(MultipartUpload::uploadId)
                .containsExactly(others);
    }

    private static String begin(String key) {
        return client.createMultipartUpload(request -> request.bucket(BUCKET).key(key)).uploadId();
    }

    @Test
    void list_objectsOfOthers_areLeftOut() {
        ArtifactStore store = reopen();
        Digest mine = store.put(new byte[] {1}).digest();
        put(cluster + "/artifact/README", "text");
        put(cluster + "/artifact/" + "z".repeat(64), "text");
        put(cluster + "0/artifact/" + Digest.of(new byte[] {2}).hex(), "text");

        assertThat(store.list()).extracting(ArtifactStore.Listed::digest).containsExactly(mine);
    }

    @Test
    void list_moreThanAPage_isWhole() {
        ArtifactStore store = reopen();
        int objects = 1_001;
        for (int i = 0; i < objects; i++) {
            put(
                    cluster
                            + "/artifact/"
                            + Digest.of(new byte[] {(byte) i, (byte) (i >> 8)}).hex(),
                    "");
        }

        assertThat(store.list()).hasSize(objects);
    }

    @Test
    void presign_urlChangedOrOtherKey_isRefused() throws Exception {
        ArtifactStore store = reopen();
        Digest one = store.put(new byte[] {1}).digest();
        Digest other = store.put(new byte[] {2}).digest();

        URI url = requireNonNull(store.presign(one, Duration.ofMinutes(1)), "url");

        assertThat(status(url)).isEqualTo(200);
        assertThat(status(URI.create(url.toString().replace(one.hex(), other.hex()))))
                .isEqualTo(403);
    }

    private static int status(URI url) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(url).build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    @Test
    void requireBucket_noSuchBucket_saysWhichAndWhere() {
        try (S3ArtifactStore store = store("nothing-here", MinioServer.SECRET_KEY)) {
            assertThatThrownBy(store::requireBucket)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("bucket 'nothing-here' of " + minio.endpoint())
                    .hasMessageContaining("expected: ");
        }
    }

    @Test
    void requireBucket_wrongSecret_isRefused() {
        try (S3ArtifactStore store = store(BUCKET, "wrong")) {
            assertThatThrownBy(store::requireBucket)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("403");
            assertThatThrownBy(() -> store.put(new byte[] {1}))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("cannot be written");
        }
    }

    @Test
    void anyMethod_serviceIsGoneAndComesBack_failsAndWorksAgain() throws Exception {
        ArtifactStore store = reopen();
        Digest digest = store.put(new byte[] {7}).digest();
        minio.kill();
        try {
            assertThatThrownBy(() -> store.put(new byte[] {8}))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining(minio.endpoint().toString());
            assertThatThrownBy(() -> store.contains(digest)).isInstanceOf(StoreException.class);
            assertThatThrownBy(() -> store.open(digest)).isInstanceOf(StoreException.class);
            assertThatThrownBy(store::list).isInstanceOf(StoreException.class);
            assertThatThrownBy(() -> store.delete(digest)).isInstanceOf(StoreException.class);
        } finally {
            minio.start();
        }

        assertThat(store.contains(digest)).isTrue();
    }

    private void overwrite(Digest digest, String content) {
        put(cluster + "/artifact/" + digest.hex(), content);
    }

    private static void put(String key, String content) {
        client.putObject(
                request -> request.bucket(BUCKET).key(key), RequestBody.fromString(content));
    }
}
