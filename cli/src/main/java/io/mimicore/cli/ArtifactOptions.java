package io.mimicore.cli;

import io.mimicore.compiler.artifacts.directory.DirectoryArtifactStore;
import io.mimicore.compiler.artifacts.s3.S3ArtifactStore;
import io.mimicore.compiler.artifacts.s3.S3Settings;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where artifacts are kept.
final class ArtifactOptions {
    @Option(
            names = "--s3-endpoint",
            paramLabel = "URL",
            defaultValue = "${env:MIMICORE_S3_ENDPOINT}",
            description = {
                "The S3 service that keeps the artifacts, such as http://minio:9000 (environment:",
                "MIMICORE_S3_ENDPOINT, or MINIO_ENDPOINT; default: AWS in --s3-region)."
            })
    private @Nullable String endpoint;

    @Option(
            names = "--s3-bucket",
            paramLabel = "NAME",
            defaultValue = "${env:MIMICORE_S3_BUCKET}",
            description = {
                "The bucket, which must be there; clusters may share one (environment:",
                "MIMICORE_S3_BUCKET). Credentials: MINIO_ACCESS_KEY and MINIO_SECRET_KEY, or what"
                        + " the AWS",
                "SDK finds (environment, profile, role of the machine)."
            })
    private @Nullable String bucket;

    @Option(
            names = "--s3-region",
            paramLabel = "NAME",
            defaultValue = "${env:MIMICORE_S3_REGION:-" + S3Settings.REGION + "}",
            description =
                    "The bucket's region (environment: MIMICORE_S3_REGION; default: "
                            + S3Settings.REGION
                            + ").")
    private String region;

    @Option(
            names = "--artifacts",
            paramLabel = "DIR",
            defaultValue = "${env:MIMICORE_ARTIFACTS}",
            description = {
                "A directory that keeps the artifacts instead of S3, shared by all control planes"
                        + " and",
                "workers of one machine (environment: MIMICORE_ARTIFACTS; `up` has its own in"
                        + " --state",
                "without it)."
            })
    private @Nullable Path directory;

    /// Opens what was given; nothing is asked of S3 yet.
    ///
    /// @param cluster whose artifacts they are
    /// @param fallback the directory of this process alone, used if nothing was given; absent: one
    ///   must be given
    /// @throws CommandFailure if the flags contradict each other or something is missing
    OpenArtifacts open(String cluster, @Nullable Path fallback) {
        boolean s3 = isGiven(bucket) || isGiven(endpoint());
        Path shared = directory == null || directory.toString().isEmpty() ? null : directory;
        if (s3 && shared != null) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--artifacts, --s3-bucket, --s3-endpoint: a directory and S3 (expected: one of"
                            + " both)");
        }
        if (s3) {
            return OpenArtifacts.of(S3ArtifactStore.of(settings(cluster)));
        }
        if (shared != null) {
            return OpenArtifacts.of(DirectoryArtifactStore.openShared(shared));
        }
        if (fallback != null) {
            return OpenArtifacts.of(DirectoryArtifactStore.open(fallback));
        }
        throw new CommandFailure(
                ExitCode.USAGE,
                "--s3-bucket: missing (expected: the bucket that the cluster's control planes and"
                        + " workers share, or --artifacts DIR where all of them run on one"
                        + " machine)");
    }

    private S3Settings settings(String cluster) {
        if (bucket == null || !isGiven(bucket)) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--s3-bucket: missing beside --s3-endpoint "
                            + endpoint()
                            + " (expected: a bucket that is there)");
        }
        try {
            return new S3Settings(service(), region, bucket, cluster, credentials());
        } catch (IllegalArgumentException | URISyntaxException e) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--s3-endpoint, --s3-bucket, --s3-region: " + e.getMessage(),
                    e);
        }
    }

    private @Nullable String endpoint() {
        return isGiven(endpoint) ? endpoint : System.getenv("MINIO_ENDPOINT");
    }

    /// The service's URL. `MINIO_ENDPOINT` is usually `host:port` alone.
    private @Nullable URI service() throws URISyntaxException {
        String given = endpoint();
        if (given == null || !isGiven(given)) {
            return null;
        }
        return new URI(given.contains("://") ? given : "http://" + given);
    }

    private static S3Settings.@Nullable Credentials credentials() {
        String accessKey = System.getenv("MINIO_ACCESS_KEY");
        String secretKey = System.getenv("MINIO_SECRET_KEY");
        if (isGiven(accessKey) != isGiven(secretKey)) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "MINIO_ACCESS_KEY, MINIO_SECRET_KEY: one without the other (expected: both or"
                            + " none)");
        }
        return accessKey != null && secretKey != null && isGiven(accessKey)
                ? new S3Settings.Credentials(accessKey, secretKey)
                : null;
    }

    private static boolean isGiven(@Nullable String value) {
        return value != null && !value.isBlank();
    }
}
