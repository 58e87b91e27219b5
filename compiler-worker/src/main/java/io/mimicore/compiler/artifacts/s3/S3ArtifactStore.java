package io.mimicore.compiler.artifacts.s3;

import io.mimicore.ir.Digest;
import io.mimicore.store.ArtifactStore;
import io.mimicore.store.StoreException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsRequest;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.NoSuchUploadException;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;
import software.amazon.awssdk.services.s3.presigner.model.GetObjectPresignRequest;

/// Content as objects `{cluster}/artifact/{sha256}` of one bucket.
///
/// An object is put whole, in one request, on the condition that there is none of that key
/// (`If-None-Match: *`), together with its SHA-256, which the service compares with what it
/// received and keeps. So an object is there whole or not at all, is never replaced by another
/// writer, and no part of an upload is left behind; what other programs have left under the
/// cluster's keys is found by [#uploads]. An object whose kept checksum is not its name's was not
/// put by this class: it counts as absent, and the next [#put] replaces it.
///
/// Thread-safe. Every request ends within [#CALL_MAX], retries included.
public final class S3ArtifactStore implements ArtifactStore, AutoCloseable {
    /// For one request with its retries: a megabyte a second for the largest content.
    static final Duration CALL_MAX = Duration.ofMinutes(5);

    private static final Duration CONNECT_MAX = Duration.ofSeconds(5);

    /// Time without a byte.
    private static final Duration SILENCE_MAX = Duration.ofSeconds(30);

    private static final int PRECONDITION_FAILED = 412;
    private static final int CONFLICT = 409;
    private static final int NOT_FOUND = 404;
    private static final int FORBIDDEN = 403;
    private static final int NOT_IMPLEMENTED = 501;

    /// Tries to put while other writers of the same key are at it.
    private static final int PUT_TRIES_MAX = 5;

    private static final int UPLOADS_MAX = 1_000;

    /// Other programs may have begun uploads in the same bucket.
    private static final int UPLOADS_LOOKED_AT_MAX = 100_000;

    private static final String ANYTHING = "*";
    private static final int DIGEST_CHARS = 2 * Digest.BYTES;

    private static final Logger log = LoggerFactory.getLogger(S3ArtifactStore.class);

    private final S3Client client;
    private final S3Presigner presigner;
    private final String bucket;
    private final String prefix;
    private final String where;

    private S3ArtifactStore(S3Settings settings, S3Client client, S3Presigner presigner) {
        this.client = client;
        this.presigner = presigner;
        this.bucket = settings.bucket();
        this.prefix = settings.cluster() + "/artifact/";
        URI endpoint = settings.endpoint();
        this.where =
                "bucket '"
                        + bucket
                        + "' of "
                        + (endpoint == null ? "S3 in " + settings.region() : endpoint);
    }

    /// Makes a store; nothing is asked of the service yet, see [#requireBucket].
    public static S3ArtifactStore of(S3Settings settings) {
        AwsCredentialsProvider credentials = provider(settings.credentials());
        Region region = Region.of(settings.region());
        URI endpoint = settings.endpoint();
        // By path, since a service of one's own has no DNS names for its buckets.
        var paths = S3Configuration.builder().pathStyleAccessEnabled(endpoint != null).build();
        var client =
                S3Client.builder()
                        .credentialsProvider(credentials)
                        .region(region)
                        .serviceConfiguration(paths)
                        .httpClientBuilder(
                                UrlConnectionHttpClient.builder()
                                        .connectionTimeout(CONNECT_MAX)
                                        .socketTimeout(SILENCE_MAX))
                        .overrideConfiguration(c -> c.apiCallTimeout(CALL_MAX));
        var presigner =
                S3Presigner.builder()
                        .credentialsProvider(credentials)
                        .region(region)
                        .serviceConfiguration(paths);
        if (endpoint != null) {
            client.endpointOverride(endpoint);
            presigner.endpointOverride(endpoint);
        }
        return new S3ArtifactStore(settings, client.build(), presigner.build());
    }

    private static AwsCredentialsProvider provider(S3Settings.@Nullable Credentials given) {
        return given == null
                ? DefaultCredentialsProvider.builder().build()
                : StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(given.accessKey(), given.secretKey()));
    }

    /// Asks for the bucket, so that a wrong name or a missing right shows at the start.
    ///
    /// @throws IllegalStateException if there is no such bucket, or this user may not see it
    /// @throws StoreException if the service cannot be asked, which may pass
    public void requireBucket() {
        try {
            client.headBucket(request -> request.bucket(bucket));
        } catch (NoSuchBucketException e) {
            throw new IllegalStateException(
                    where + ": there is no such bucket (expected: one that exists)", e);
        } catch (S3Exception e) {
            if (e.statusCode() == NOT_FOUND || e.statusCode() == FORBIDDEN) {
                throw new IllegalStateException(
                        where
                                + ": answered "
                                + e.statusCode()
                                + " (expected: a bucket that exists and that these credentials may"
                                + " read and write)",
                        e);
            }
            throw failed("cannot be asked for", e);
        } catch (SdkException e) {
            throw failed("cannot be asked for", e);
        }
    }

    @Override
    public Stored put(byte[] content) {
        if (content.length > BYTES_MAX) {
            throw new IllegalArgumentException(
                    "artifact: " + content.length + " bytes (expected: at most " + BYTES_MAX + ")");
        }
        Digest digest = Digest.of(content);
        for (int attempt = 1; ; attempt++) {
            try {
                client.putObject(toPut(digest).ifNoneMatch(ANYTHING).build(), body(content));
                return new Stored(digest, true);
            } catch (S3Exception e) {
                if (e.statusCode() == PRECONDITION_FAILED) {
                    return kept(digest, content);
                }
                if (e.statusCode() != CONFLICT || attempt == PUT_TRIES_MAX) {
                    throw failed("artifact " + digest + " cannot be written", e);
                }
            } catch (SdkException e) {
                throw failed("artifact " + digest + " cannot be written", e);
            }
        }
    }

    /// Leaves the object that is there, or puts the right one in its place.
    private Stored kept(Digest digest, byte[] content) {
        if (contains(digest)) {
            return new Stored(digest, false);
        }
        try {
            client.putObject(toPut(digest).build(), body(content));
            return new Stored(digest, true);
        } catch (SdkException e) {
            throw failed("artifact " + digest + " cannot be replaced", e);
        }
    }

    private PutObjectRequest.Builder toPut(Digest digest) {
        return PutObjectRequest.builder()
                .bucket(bucket)
                .key(key(digest))
                .checksumSHA256(checksum(digest));
    }

    private static RequestBody body(byte[] content) {
        return RequestBody.fromBytes(content);
    }

    @Override
    public @Nullable InputStream open(Digest digest) {
        try {
            return client.getObject(request -> request.bucket(bucket).key(key(digest)));
        } catch (NoSuchKeyException _) {
            return null;
        } catch (SdkException e) {
            throw failed("artifact " + digest + " cannot be opened", e);
        }
    }

    @Override
    public boolean contains(Digest digest) {
        try {
            HeadObjectResponse head =
                    client.headObject(request ->
                            request.bucket(bucket)
                                    .key(key(digest))
                                    .checksumMode(ChecksumMode.ENABLED));
            if (checksum(digest).equals(head.checksumSHA256())) {
                return true;
            }
            log.warn(
                    "artifact {} in {} is another content and counts as absent checksum={}",
                    digest,
                    where,
                    head.checksumSHA256());
            return false;
        } catch (NoSuchKeyException _) {
            return false;
        } catch (SdkException e) {
            throw failed("artifact " + digest + " cannot be asked for", e);
        }
    }

    @Override
    public void delete(Digest digest) {
        try {
            client.deleteObject(request -> request.bucket(bucket).key(key(digest)));
        } catch (SdkException e) {
            throw failed("artifact " + digest + " cannot be deleted", e);
        }
    }

    @Override
    public List<Listed> list() {
        List<Listed> listed = new ArrayList<>();
        try {
            var pages =
                    client.listObjectsV2Paginator(
                            ListObjectsV2Request.builder().bucket(bucket).prefix(prefix).build());
            for (S3Object object : pages.contents()) {
                Digest digest = digestOf(object.key());
                if (digest != null) {
                    listed.add(new Listed(digest, object.size(), object.lastModified()));
                }
            }
        } catch (SdkException e) {
            throw failed("artifacts cannot be listed", e);
        }
        return listed;
    }

    /// None where the service or these credentials do not let them be listed. All uploads of the
    /// bucket are looked at, since MinIO lists none by a prefix that is not a whole key.
    @Override
    public List<Upload> uploads() {
        try {
            var request = ListMultipartUploadsRequest.builder().bucket(bucket).build();
            return client.listMultipartUploadsPaginator(request).uploads().stream()
                    .limit(UPLOADS_LOOKED_AT_MAX)
                    .filter(upload -> upload.key().startsWith(prefix))
                    .limit(UPLOADS_MAX)
                    .map(upload -> new Upload(upload.key(), upload.uploadId()))
                    .toList();
        } catch (S3Exception e) {
            if (e.statusCode() == FORBIDDEN || e.statusCode() == NOT_IMPLEMENTED) {
                // Not needed to serve, so not worth a right or a better service.
                log.debug("{}: uploads cannot be listed", where, e);
                return List.of();
            }
            throw failed("uploads cannot be listed", e);
        } catch (SdkException e) {
            throw failed("uploads cannot be listed", e);
        }
    }

    @Override
    public void abort(Upload upload) {
        try {
            client.abortMultipartUpload(
                    request -> request.bucket(bucket).key(upload.name()).uploadId(upload.id()));
        } catch (NoSuchUploadException _) {
            log.debug("upload {} has ended meanwhile", upload);
        } catch (SdkException e) {
            throw failed("upload of " + upload.name() + " cannot be given up", e);
        }
    }

    private @Nullable Digest digestOf(String key) {
        String name = key.substring(prefix.length());
        if (name.length() != DIGEST_CHARS) {
            return null;
        }
        try {
            return new Digest(name);
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    /// A signed URL (AWS Signature Version 4, query parameters); nothing is asked of the service.
    @Override
    public URI presign(Digest digest, Duration validity) {
        var get = GetObjectRequest.builder().bucket(bucket).key(key(digest)).build();
        var toSign =
                GetObjectPresignRequest.builder()
                        .signatureDuration(validity)
                        .getObjectRequest(get)
                        .build();
        try {
            return presigner.presignGetObject(toSign).url().toURI();
        } catch (SdkException | URISyntaxException e) {
            throw failed("artifact " + digest + " cannot be signed for", e);
        }
    }

    private String key(Digest digest) {
        return prefix + digest.hex();
    }

    private static String checksum(Digest digest) {
        return Base64.getEncoder().encodeToString(HexFormat.of().parseHex(digest.hex()));
    }

    private StoreException failed(String what, Exception cause) {
        return new StoreException(where + ": " + what + ": " + cause.getMessage(), cause);
    }

    @Override
    public void close() {
        client.close();
        presigner.close();
    }
}
