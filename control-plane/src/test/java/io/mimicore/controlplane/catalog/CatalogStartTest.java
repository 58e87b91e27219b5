package io.mimicore.controlplane.catalog;

import static io.mimicore.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.build.BuildOutcome;
import io.mimicore.build.SourceProblem;
import io.mimicore.controlplane.FakeBuildQueue;
import io.mimicore.controlplane.InMemoryArtifactStore;
import io.mimicore.controlplane.snapshot.Desired;
import io.mimicore.controlplane.snapshot.LiveSet;
import io.mimicore.controlplane.source.DirectoryEvent;
import io.mimicore.controlplane.source.FileKey;
import io.mimicore.controlplane.source.FoundFile;
import io.mimicore.controlplane.source.SourceId;
import io.mimicore.controlplane.time.FakeScheduler;
import io.mimicore.ir.Digest;
import io.mimicore.proto.store.v1.ChannelRecord;
import io.mimicore.snapshot.SnapshotTree;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// When a catalog says that its first look is published.
class CatalogStartTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Path DIRECTORY = Path.of("/configs");
    private static final String PLAIN =
            "{\"api\":\"plain\",\"version\":\"v2\",\"routes\":[{\"method\":\"GET\",\"path\":\"/\"}]}";
    private static final String CODED =
            "{\"api\":\"coded\",\"version\":\"v2\",\"user_code\":{\"inline_source\":\"package main\"},\"routes\":[]}";

    private final FakeScheduler scheduler = new FakeScheduler();
    private final FakeBuildQueue builds = new FakeBuildQueue();
    private final Queue<Desired> wishes = new ConcurrentLinkedQueue<>();

    @Test
    void firstPublish_lastFileChangesNothingAfterTheHold_completes() {
        var mayEnd = new CountDownLatch(1);
        builds.answer(_ -> {
            await(mayEnd);
            var wrong = new SourceProblem(1, 1, "GO_SYNTAX", "no main", "");
            return new BuildOutcome.Rejected(List.of(wrong));
        });
        LiveSet empty =
                new LiveSet(
                        null,
                        SnapshotTree.EMPTY,
                        ChannelRecord.getDefaultInstance(),
                        0,
                        new TreeMap<>());
        try (Catalog catalog =
                Catalog.builder()
                        .language(new JsonConfigLanguage())
                        .builds(builds, new InMemoryArtifactStore())
                        .time(() -> Instant.EPOCH, scheduler)
                        .publisher(wishes::add)
                        .watches(_ -> {})
                        .build(empty, List.of(DIRECTORY))) {
            catalog.start();
            catalog.accept(looked());
            eventually(PATIENCE, () -> assertThat(builds.builds()).isEqualTo(1));
            scheduler.advance(Catalog.HOLD_MAX);
            eventually(PATIENCE, () -> assertThat(wishes).hasSize(1));
            catalog.published(wishes.element(), empty);
            assertThat(catalog.firstPublish()).isNotDone();

            mayEnd.countDown();
            assertThat(catalog.firstPublish()).succeedsWithin(PATIENCE);
            assertThat(wishes).hasSize(1);
        }
    }

    private static DirectoryEvent looked() {
        SourceId source = SourceId.directory(DIRECTORY);
        return new DirectoryEvent.Looked(
                source,
                Set.of("plain.json", "coded.json"),
                Set.of(),
                List.of(found(source, "plain.json", PLAIN), found(source, "coded.json", CODED)),
                List.of(),
                true);
    }

    private static FoundFile found(SourceId source, String name, String text) {
        byte[] content = text.getBytes(UTF_8);
        return new FoundFile(new FileKey(source, name), content, Digest.of(content));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
