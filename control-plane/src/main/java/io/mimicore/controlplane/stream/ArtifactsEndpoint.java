package io.mimicore.controlplane.stream;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.UnsafeByteOperations;
import com.google.rpc.Code;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.mimicore.ir.Digest;
import io.mimicore.proto.snapshot.v1.ArtifactsGrpc;
import io.mimicore.proto.snapshot.v1.LocateRequest;
import io.mimicore.proto.snapshot.v1.LocateResponse;
import io.mimicore.store.ArtifactStore;
import io.mimicore.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The gRPC service that tells nodes where an artifact's bytes are, or sends them.
///
/// Each call that sends bytes has a virtual thread, which waits while the node does not read; at
/// most [#SENDING_MAX] send at once. Thread-safe.
public final class ArtifactsEndpoint extends ArtifactsGrpc.ArtifactsImplBase
        implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ArtifactsEndpoint.class);

    /// Calls that send bytes at once.
    static final int SENDING_MAX = 64;

    /// Largest piece, in bytes.
    static final int CHUNK_BYTES_MAX = 256 * 1024;

    private static final Duration URL_VALIDITY = Duration.ofMinutes(5);
    private static final Duration STALLED_MAX = Duration.ofSeconds(30);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final ArtifactStore artifacts;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore sending = new Semaphore(SENDING_MAX);

    /// @param artifacts where the bytes are
    public ArtifactsEndpoint(ArtifactStore artifacts) {
        this.artifacts = requireNonNull(artifacts, "artifacts");
    }

    @Override
    public void locate(LocateRequest request, StreamObserver<LocateResponse> responses) {
        var out = (ServerCallStreamObserver<LocateResponse>) responses;
        if (request.getDigest().size() != Digest.BYTES) {
            String message = "digest: " + request.getDigest().size() + " bytes (expected: 32)";
            out.onError(Refusals.permanent(Code.INVALID_ARGUMENT, message));
            return;
        }
        if (!sending.tryAcquire()) {
            String message = "too many artifacts are being sent";
            out.onError(Refusals.retryable(Code.RESOURCE_EXHAUSTED, message, RETRY.toNanos()));
            return;
        }
        Semaphore room = new Semaphore(0);
        out.setOnReadyHandler(room::release);
        out.setOnCancelHandler(room::release);
        Digest digest = Digest.ofBytes(request.getDigest().toByteArray());
        threads.execute(() -> {
            try {
                answer(new Asked(digest, request.getInline()), out, room);
            } finally {
                sending.release();
            }
        });
    }

    /// What a node asks for.
    ///
    /// @param inline whether it wants no URL
    private record Asked(Digest digest, boolean inline) {}

    private void answer(Asked asked, ServerCallStreamObserver<LocateResponse> out, Semaphore room) {
        Digest digest = asked.digest();
        try {
            URI url = asked.inline() ? null : artifacts.presign(digest, URL_VALIDITY);
            if (url != null) {
                out.onNext(LocateResponse.newBuilder().setUrl(url.toString()).build());
                out.onCompleted();
                return;
            }
            try (InputStream content = artifacts.open(digest)) {
                if (content == null) {
                    String message = "artifact " + digest + " is not there";
                    out.onError(Refusals.permanent(Code.NOT_FOUND, message));
                    return;
                }
                send(content, out, room);
            }
        } catch (IOException | StoreException e) {
            log.warn("cannot read an artifact digest={} cause={}", digest, e.toString());
            if (!out.isCancelled()) {
                String message = "the artifact store failed";
                out.onError(Refusals.retryable(Code.UNAVAILABLE, message, RETRY.toNanos()));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void send(
            InputStream content, ServerCallStreamObserver<LocateResponse> out, Semaphore room)
            throws IOException, InterruptedException {
        while (true) {
            byte[] chunk = content.readNBytes(CHUNK_BYTES_MAX);
            if (chunk.length == 0) {
                out.onCompleted();
                return;
            }
            while (!out.isReady()) {
                boolean woken = room.tryAcquire(STALLED_MAX.toNanos(), TimeUnit.NANOSECONDS);
                if (out.isCancelled()) {
                    return;
                }
                if (!woken) {
                    String message = "the node does not read";
                    out.onError(Refusals.permanent(Code.DEADLINE_EXCEEDED, message));
                    return;
                }
            }
            out.onNext(
                    LocateResponse.newBuilder()
                            .setChunk(UnsafeByteOperations.unsafeWrap(chunk))
                            .build());
        }
    }

    /// Lets calls that are sending end for a moment, then lets go of them.
    @Override
    public void close() {
        threads.shutdown();
    }
}
