package io.mimicore.dataplane.snapshot;

import io.mimicore.ir.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Gives what a test has put in, and keeps what it was asked for.
final class ScriptedSource implements ArtifactSource {
    private final Map<Digest, byte[]> files = new HashMap<>();
    private final List<Digest> fetched = new ArrayList<>();

    /// Answers with these bytes, whatever their digest is.
    synchronized void put(Digest digest, byte[] bytes) {
        files.put(digest, bytes);
    }

    synchronized Digest put(byte[] bytes) {
        Digest digest = Digest.of(bytes);
        files.put(digest, bytes);
        return digest;
    }

    synchronized List<Digest> fetched() {
        return List.copyOf(fetched);
    }

    @Override
    public synchronized byte[] fetch(Digest digest) throws IOException {
        fetched.add(digest);
        byte[] bytes = files.get(digest);
        if (bytes == null) {
            throw new IOException("nobody has it");
        }
        return bytes;
    }
}
