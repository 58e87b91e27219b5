package io.mimicore.dataplane.snapshot;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.mimicore.ir.Digest;
import io.mimicore.proto.snapshot.v1.ArtifactsGrpc;
import io.mimicore.proto.snapshot.v1.LocateRequest;
import io.mimicore.proto.snapshot.v1.LocateResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Fetches artifacts through the control plane: from the URL it names, or from its own stream.
///
/// A failure is met with one more try at once, which gets a new URL and a new connection: what one
/// broken connection does must not look like a version that cannot be served. Where the URL itself
/// does not work from here, that try asks the control plane for the bytes. Interruption ends a
/// fetch.
final class RemoteArtifacts implements ArtifactSource {
    private static final Logger log = LoggerFactory.getLogger(RemoteArtifacts.class);
    private static final int FORBIDDEN = 403;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    private final Supplier<Channel> channel;
    private final Duration patience;
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build();

    /// @param channel to a control plane, for each fetch anew
    /// @param patience for one try: finding the artifact, and again for its bytes
    RemoteArtifacts(Supplier<Channel> channel, Duration patience) {
        this.channel = channel;
        this.patience = patience;
    }

    @Override
    public byte[] fetch(Digest digest) throws IOException, InterruptedException {
        try {
            return tryFetch(digest, /* inline= */ false);
        } catch (MissingException e) {
            throw e;
        } catch (UnusableUrlException e) {
            log.warn("artifact {} is asked of the control plane: {}", digest, e.getMessage());
            return tryFetch(digest, /* inline= */ true);
        } catch (IOException e) {
            log.warn("artifact {} is tried once more: {}", digest, e.getMessage());
            return tryFetch(digest, /* inline= */ false);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    private byte[] tryFetch(Digest digest, boolean inline)
            throws IOException, InterruptedException {
        // Ending the context ends the call, whichever way this is left.
        try (Context.CancellableContext context = Context.current().withCancellation()) {
            Context outer = context.attach();
            try {
                return locate(digest, inline);
            } finally {
                context.detach(outer);
            }
        } catch (StatusRuntimeException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
                throw new MissingException(String.valueOf(e.getStatus().getDescription()), e);
            }
            throw new IOException("the control plane answered " + e.getStatus(), e);
        }
    }

    private byte[] locate(Digest digest, boolean inline) throws IOException, InterruptedException {
        LocateRequest request =
                LocateRequest.newBuilder()
                        .setDigest(ByteString.copyFrom(digest.bytes()))
                        .setInline(inline)
                        .build();
        Iterator<LocateResponse> responses =
                ArtifactsGrpc.newBlockingStub(channel.get())
                        .withDeadlineAfter(patience.toNanos(), TimeUnit.NANOSECONDS)
                        .locate(request);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        while (responses.hasNext()) {
            LocateResponse response = responses.next();
            if (response.hasUrl()) {
                return download(uri(response.getUrl()));
            }
            if (content.size() + (long) response.getChunk().size() > BYTES_MAX) {
                throw new IOException("it is larger than " + BYTES_MAX + " bytes");
            }
            response.getChunk().writeTo(content);
        }
        return content.toByteArray();
    }

    private byte[] download(URI url) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(url).GET().build();
        // The client's own timeout ends with the head; this one covers the body too.
        CompletableFuture<HttpResponse<byte[]>> exchange =
                http.sendAsync(
                        request,
                        HttpResponse.BodyHandlers.limiting(
                                HttpResponse.BodyHandlers.ofByteArray(), BYTES_MAX));
        try {
            HttpResponse<byte[]> response = exchange.get(patience.toNanos(), TimeUnit.NANOSECONDS);
            if (response.statusCode() == FORBIDDEN) {
                throw new UnusableUrlException(
                        "the artifact store answered 403: the signature does not count there, as when"
                                + " the clocks of the control plane and the store differ",
                        null);
            }
            if (response.statusCode() != 200) {
                throw new IOException(
                        "the artifact store answered "
                                + response.statusCode()
                                + " (expected: 200)");
            }
            return response.body();
        } catch (ExecutionException e) {
            // The URL is signed: whoever reads a log must not be able to use it.
            String message = "the artifact store at " + url.getHost() + ": " + reason(e.getCause());
            throw e.getCause() instanceof ConnectException
                    ? new UnusableUrlException(message, e)
                    : new IOException(message, e);
        } catch (TimeoutException e) {
            throw new IOException(
                    "the artifact store at " + url.getHost() + " was slower than " + patience, e);
        } finally {
            exchange.cancel(true);
        }
    }

    private static String reason(@Nullable Throwable cause) {
        return cause instanceof ConnectException && cause.getMessage() == null
                ? "it cannot be connected to"
                : String.valueOf(cause);
    }

    private static URI uri(String text) throws IOException {
        try {
            URI uri = URI.create(text);
            if (uri.getHost() != null
                    && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("url: (expected: one of http or https)", e);
        }
        throw new IOException("url: (expected: one of http or https)");
    }

    /// The store cannot be reached from here, or does not take the signature: another URL would not
    /// work either.
    private static final class UnusableUrlException extends IOException {
        private static final long serialVersionUID = 1L;

        UnusableUrlException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /// Nobody has the artifact: another try would not help.
    private static final class MissingException extends IOException {
        private static final long serialVersionUID = 1L;

        MissingException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
