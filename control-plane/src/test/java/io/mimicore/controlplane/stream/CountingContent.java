package io.mimicore.controlplane.stream;

import io.mimicore.controlplane.snapshot.ContentStore;
import io.mimicore.ir.Digest;
import java.util.Map;

/// Counts what is read.
final class CountingContent implements ContentStore {
    private final ContentStore content;
    private int reads;

    CountingContent(ContentStore content) {
        this.content = content;
    }

    int reads() {
        return reads;
    }

    @Override
    public byte[] get(Digest digest) {
        reads++;
        return content.get(digest);
    }

    @Override
    public void putAll(Map<Digest, byte[]> contents) {
        content.putAll(contents);
    }
}
