package io.mimicore.dataplane.snapshot;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.mimicore.ir.Digest;
import io.mimicore.proto.snapshot.v1.ArtifactsGrpc;
import io.mimicore.proto.snapshot.v1.LocateRequest;
import io.mimicore.proto.snapshot.v1.LocateResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Fetches artifacts through the control plane: from the URL it names, or from its own stream.
final class RemoteArtifacts implements ArtifactSource {
    private static final long BYTES_MAX = 256L * 1024 * 1024;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration TOTAL_TIMEOUT = Duration.ofSeconds(60);

    private final Supplier<Channel> channel;
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build();

    RemoteArtifacts(Supplier<Channel> channel) {
        this.channel = channel;
    }

    @Override
    public byte[] fetch(Digest digest) throws IOException, InterruptedException {
        LocateRequest request =
                LocateRequest.newBuilder().setDigest(ByteString.copyFrom(digest.bytes())).build();
        try {
            Iterator<LocateResponse> responses =
                    ArtifactsGrpc.newBlockingStub(channel.get())
                            .withDeadlineAfter(TOTAL_TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                            .locate(request);
            ByteArrayOutputStream content = new ByteArrayOutputStream();
            while (responses.hasNext()) {
                LocateResponse response = responses.next();
                if (response.hasUrl()) {
                    return download(response.getUrl());
                }
                response.getChunk().writeTo(content);
                requireSize(content.size());
            }
            return content.toByteArray();
        } catch (StatusRuntimeException e) {
            throw new IOException(e.getStatus().toString(), e);
        }
    }

    private byte[] download(String url) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri(url)).timeout(TOTAL_TIMEOUT).GET().build();
        HttpResponse<InputStream> response =
                http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream in = response.body()) {
            if (response.statusCode() != 200) {
                throw new IOException("the artifact store answered " + response.statusCode());
            }
            byte[] bytes = in.readNBytes((int) BYTES_MAX + 1);
            requireSize(bytes.length);
            return bytes;
        }
    }

    private static URI uri(String url) throws IOException {
        try {
            return URI.create(url);
        } catch (IllegalArgumentException e) {
            throw new IOException("url: " + url + " (expected: a URL)", e);
        }
    }

    private static void requireSize(long bytes) throws IOException {
        if (bytes > BYTES_MAX) {
            throw new IOException("the artifact is larger than " + BYTES_MAX + " bytes");
        }
    }
}
