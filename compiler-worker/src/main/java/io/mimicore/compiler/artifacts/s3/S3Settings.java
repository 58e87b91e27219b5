package io.mimicore.compiler.artifacts.s3;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Which bucket of which S3 service, and who asks.
///
/// @param endpoint the service, `http` or `https`, without a path; absent: that of AWS in `region`
/// @param region as the service names it; services of one's own usually take any
/// @param bucket must be there already
/// @param cluster whose artifacts these are: their keys begin with it, so clusters may share a
///   bucket
/// @param credentials absent: what the SDK's usual chain finds (environment, profile files, the
///   machine's role)
public record S3Settings(
        @Nullable URI endpoint,
        String region,
        String bucket,
        String cluster,
        @Nullable Credentials credentials) {
    /// The region when none is said.
    public static final String REGION = "us-east-1";

    /// S3's rules for names of buckets, of which services of one's own have fewer.
    private static final Pattern BUCKET = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9._-]{1,253}");

    public S3Settings {
        requireNonNull(region, "region");
        requireNonNull(cluster, "cluster");
        if (!BUCKET.matcher(bucket).matches()) {
            throw new IllegalArgumentException(
                    "bucket: '" + bucket + "' (expected: letters, digits, '.', '_' and '-')");
        }
        if (endpoint != null && !isService(endpoint)) {
            throw new IllegalArgumentException(
                    "endpoint: '" + endpoint + "' (expected: http://HOST:PORT or https://HOST)");
        }
    }

    private static boolean isService(URI endpoint) {
        boolean isHttp =
                "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
        String path = endpoint.getPath();
        return isHttp
                && endpoint.getHost() != null
                && endpoint.getQuery() == null
                && (path == null || path.isEmpty() || path.equals("/"));
    }

    /// A user of the service.
    public record Credentials(String accessKey, String secretKey) {
        public Credentials {
            requireNonNull(accessKey, "accessKey");
            requireNonNull(secretKey, "secretKey");
        }

        @Override
        public String toString() {
            return "Credentials[" + accessKey + "]";
        }
    }
}
