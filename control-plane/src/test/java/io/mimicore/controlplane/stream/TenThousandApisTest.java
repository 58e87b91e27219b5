package io.mimicore.controlplane.stream;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.mimicore.controlplane.FaultyStore;
import io.mimicore.controlplane.leader.Fence;
import io.mimicore.controlplane.snapshot.CachedContent;
import io.mimicore.controlplane.snapshot.Forms;
import io.mimicore.controlplane.snapshot.LiveSet;
import io.mimicore.controlplane.snapshot.Snapshot;
import io.mimicore.controlplane.snapshot.SnapshotReader;
import io.mimicore.controlplane.snapshot.SnapshotWriter;
import io.mimicore.ir.Digest;
import io.mimicore.proto.snapshot.v1.ApiChange;
import io.mimicore.proto.snapshot.v1.Changes;
import io.mimicore.proto.snapshot.v1.ControlMessage;
import io.mimicore.signing.ClusterKey;
import io.mimicore.snapshot.SnapshotTree;
import io.mimicore.store.Objects;
import io.mimicore.store.StoreKeys;
import io.mimicore.store.Transaction;
import io.mimicore.testkit.InMemoryMetadataStore;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What one edit among ten thousand APIs writes to the store, and sends to each node.
class TenThousandApisTest {
    private static final int APIS = 10_000;
    private static final String EDITED = "api-7";
    private static final StoreKeys KEYS = new StoreKeys("test");

    private final FaultyStore store = new FaultyStore(new InMemoryMetadataStore());
    private final CachedContent content = CachedContent.of(new Objects(store, KEYS));
    private final SnapshotReader reader = new SnapshotReader(store, KEYS, content);
    private final SnapshotWriter writer =
            new SnapshotWriter(store, KEYS, content, ClusterKey.generate(), () -> Instant.EPOCH);
    private final Map<String, String> texts = new HashMap<>();
    private Fence fence;
    private LiveSet before;
    private LiveSet after;

    @BeforeEach
    void edit() {
        String leader = KEYS.leader("control-plane");
        fence =
                new Fence(
                        leader,
                        store.commit(Transaction.builder().put(leader, new byte[0]).build())
                                .revision());
        for (int i = 0; i < APIS; i++) {
            texts.put("api-" + i, "text " + i);
        }
        before = publish(reader.live());
        store.takeCommitted();
        texts.put(EDITED, "another text");
        after = publish(before);
    }

    @Test
    void edit_writesOneIrOneBucketOneRoot() {
        List<String> written =
                store.takeCommitted().stream()
                        .flatMap(transaction -> transaction.then().stream())
                        .map(Transaction.Operation::key)
                        .toList();

        Digest ir = requireNonNull(after.tree().entries().get(EDITED)).ir();
        Digest source = requireNonNull(after.sources().get(EDITED)).form().origin().source();
        Digest bucket = after.tree().bucketDigests().get(SnapshotTree.bucketOf(EDITED));
        assertThat(written)
                .containsExactlyInAnyOrder(
                        KEYS.object(ir),
                        KEYS.object(source),
                        KEYS.object(bucket),
                        KEYS.source(EDITED),
                        KEYS.version(2),
                        KEYS.channel(SnapshotReader.CHANNEL));
    }

    @Test
    void edit_costsEachNodeThatApiOnly() throws Exception {
        EncodedChanges offer = EncodedChanges.encode(reader, snapshot(before), snapshot(after));

        assertThat(offer.chunks()).hasSize(1);
        ControlMessage message = offer.chunks().getFirst();
        Changes changes = Changes.parseFrom(message.getOffer().getPayload());
        assertThat(changes.getRemovedList()).isEmpty();
        assertThat(changes.getPutList()).hasSize(1);
        ApiChange change = changes.getPut(0);
        assertThat(change.getApi()).isEqualTo(EDITED);
        assertThat(change.getIr()).isEqualTo(ByteString.copyFromUtf8("ir another text"));
        // The IR, its name and digest, two roots, a signature and the declared sizes.
        assertThat(message.getSerializedSize()).isLessThan(300);
    }

    @Test
    void edit_isFoundByReadingTwoBuckets() {
        var counted = new CountingContent(content);
        SnapshotReader fresh = new SnapshotReader(store, KEYS, counted);

        EncodedChanges.encode(fresh, snapshot(before), snapshot(after));

        // The bucket as it was and as it is, and the IR.
        assertThat(counted.reads()).isEqualTo(3);
    }

    private LiveSet publish(LiveSet live) {
        return requireNonNull(writer.write(live, Forms.desired(texts), fence));
    }

    private static Snapshot snapshot(LiveSet live) {
        return requireNonNull(live.snapshot());
    }
}
