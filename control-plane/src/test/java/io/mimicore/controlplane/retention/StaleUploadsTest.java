package io.mimicore.controlplane.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.controlplane.leader.Fence;
import io.mimicore.ir.Digest;
import io.mimicore.store.ArtifactStore;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.Transaction;
import io.mimicore.testkit.InMemoryMetadataStore;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StaleUploadsTest {
    private static final Duration GRACE = Duration.ofMinutes(10);
    private static final String LEADER = "lead";

    private final InMemoryMetadataStore store = new InMemoryMetadataStore();
    private final Uploads artifacts = new Uploads();
    private final StaleUploads stale =
            new StaleUploads(artifacts, deletes(), new Retention(50, GRACE));

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void trim_uploadThatStaysOpen_isGivenUpAfterTheGrace() {
        artifacts.open.add(new ArtifactStore.Upload("a", "1"));
        assertThat(stale.trim(0)).isZero();
        artifacts.open.add(new ArtifactStore.Upload("a", "2"));
        assertThat(stale.trim(GRACE.toNanos() - 1)).isZero();

        assertThat(stale.trim(GRACE.toNanos())).isOne();

        assertThat(artifacts.open).containsExactly(new ArtifactStore.Upload("a", "2"));
    }

    @Test
    void trim_leaderNoMore_givesNothingUp() {
        artifacts.open.add(new ArtifactStore.Upload("a", "1"));
        assertThat(stale.trim(0)).isZero();
        store.commit(Transaction.builder().delete(LEADER).build());

        assertThat(stale.trim(GRACE.toNanos())).isZero();

        assertThat(artifacts.open).hasSize(1);
    }

    private FencedDeletes deletes() {
        store.commit(Transaction.builder().put(LEADER, new byte[0]).build());
        MetadataStore.Entry leader = Objects.requireNonNull(store.get(LEADER));
        return new FencedDeletes(store, new Fence(LEADER, leader.createRevision()));
    }

    private static final class Uploads implements ArtifactStore {
        final Set<Upload> open = new LinkedHashSet<>();

        @Override
        public List<Upload> uploads() {
            return List.copyOf(open);
        }

        @Override
        public void abort(Upload upload) {
            open.remove(upload);
        }

        @Override
        public Stored put(byte[] content) {
            throw new AssertionError("nothing is put");
        }

        @Override
        public @Nullable InputStream open(Digest digest) {
            return null;
        }

        @Override
        public boolean contains(Digest digest) {
            return false;
        }

        @Override
        public void delete(Digest digest) {
            throw new AssertionError("nothing is deleted");
        }

        @Override
        public List<Listed> list() {
            return List.of();
        }

        @Override
        public @Nullable URI presign(Digest digest, Duration validity) {
            return null;
        }
    }
}
