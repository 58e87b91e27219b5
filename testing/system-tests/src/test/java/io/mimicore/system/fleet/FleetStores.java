package io.mimicore.system.fleet;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.mimicore.compiler.artifacts.s3.S3ArtifactStore;
import io.mimicore.compiler.artifacts.s3.S3Settings;
import io.mimicore.controlplane.store.etcd.EtcdChannels;
import io.mimicore.controlplane.store.etcd.EtcdMetadataStore;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreKeys;
import io.mimicore.testkit.process.MinioServer;
import java.net.URI;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/// Opens the stores of a test's fleet, as one more process would.
final class FleetStores {
    static final String BUCKET = "artifacts";
    static final String CLUSTER = "fleet";
    static final StoreKeys KEYS = new StoreKeys(CLUSTER);

    private FleetStores() {}

    /// @param endpoint `host:port`
    static MetadataStore etcd(String endpoint) {
        return EtcdMetadataStore.builder(
                        List.of(endpoint),
                        target ->
                                Grpc.newChannelBuilder(target, InsecureChannelCredentials.create())
                                        .maxInboundMessageSize(EtcdChannels.INBOUND_BYTES_MAX)
                                        .build())
                .open();
    }

    /// A bare client, as that of another program which may write to the bucket.
    static S3Client client(URI endpoint) {
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

    static S3ArtifactStore s3(URI endpoint) {
        return S3ArtifactStore.of(
                new S3Settings(
                        endpoint,
                        S3Settings.REGION,
                        BUCKET,
                        CLUSTER,
                        new S3Settings.Credentials(
                                MinioServer.ACCESS_KEY, MinioServer.SECRET_KEY)));
    }
}
