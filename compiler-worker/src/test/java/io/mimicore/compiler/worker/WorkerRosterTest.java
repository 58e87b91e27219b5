package io.mimicore.compiler.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.build.BuildRecords;
import io.mimicore.build.QueuedRequest;
import io.mimicore.build.WorkerOffer;
import io.mimicore.ir.Digest;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.MetadataStore.Change;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WorkerRosterTest {
    private static final int KEYS = 2_000;
    private static final QueuedRequest REQUEST =
            new QueuedRequest("go", "go1.26.8", Digest.of("source".getBytes(UTF_8)));

    @Test
    void isFirstFor_severalWorkers_exactlyOneIsAndTheyShareEvenly() {
        Map<String, Integer> shares = new HashMap<>();
        List<WorkerOffer> all = workers("a", "b", "c", "d");
        for (int i = 0; i < KEYS; i++) {
            shares.merge(first(key(i), all), 1, Integer::sum);
        }
        assertThat(shares).hasSize(4);
        assertThat(shares.values()).allMatch(share -> share > KEYS / 4 * 0.85);
    }

    @Test
    void isFirstFor_workerLeaves_movesOnlyItsKeys() {
        List<WorkerOffer> all = workers("a", "b", "c", "d");
        List<WorkerOffer> left = workers("a", "b", "d");
        for (int i = 0; i < KEYS; i++) {
            String before = first(key(i), all);
            if (!before.equals("c")) {
                assertThat(first(key(i), left)).isEqualTo(before);
            }
        }
    }

    @Test
    void isFirstFor_workersOfAnotherVersion_doNotCount() {
        var roster = new WorkerRoster(worker("a", "go1.26.8"));
        roster.resync(listing(List.of(worker("a", "go1.26.8"), worker("b", "go1.27.0"))));
        assertThat(IntStream.range(0, KEYS)).allMatch(i -> roster.isFirstFor(key(i), REQUEST));
    }

    @Test
    void changed_workerComesAndGoes_isFollowed() {
        var roster = new WorkerRoster(worker("a", "go1.26.8"));
        int contested =
                IntStream.range(0, KEYS)
                        .filter(i -> first(key(i), workers("a", "b")).equals("b"))
                        .findFirst()
                        .orElseThrow();
        roster.changed(List.of(new Change.Written(entry(worker("b", "go1.26.8")))));
        assertThat(roster.isFirstFor(key(contested), REQUEST)).isFalse();
        roster.changed(List.of(new Change.Deleted("worker/b", 9)));
        assertThat(roster.isFirstFor(key(contested), REQUEST)).isTrue();
    }

    @Test
    void changed_noRecordOfAWorker_isLeftOut() {
        var roster = new WorkerRoster(worker("a", "go1.26.8"));
        roster.changed(
                List.of(
                        new Change.Written(
                                new MetadataStore.Entry("worker/x", new byte[] {1, 2}, 1, 1))));
        assertThat(roster.isFirstFor(key(0), REQUEST)).isTrue();
    }

    private static String first(Digest key, List<WorkerOffer> all) {
        List<String> first = new ArrayList<>();
        for (WorkerOffer worker : all) {
            var roster = new WorkerRoster(worker);
            roster.resync(listing(all));
            if (roster.isFirstFor(key, REQUEST)) {
                first.add(worker.id());
            }
        }
        assertThat(first).hasSize(1);
        return first.getFirst();
    }

    private static Digest key(int number) {
        return Digest.of(Integer.toString(number).getBytes(UTF_8));
    }

    private static List<WorkerOffer> workers(String... ids) {
        return java.util.Arrays.stream(ids).map(id -> worker(id, "go1.26.8")).toList();
    }

    private static WorkerOffer worker(String id, String version) {
        return new WorkerOffer(id, List.of(new WorkerOffer.Toolchain("go", version)));
    }

    private static MetadataStore.Listing listing(List<WorkerOffer> workers) {
        return new MetadataStore.Listing(workers.stream().map(WorkerRosterTest::entry).toList(), 1);
    }

    private static MetadataStore.Entry entry(WorkerOffer worker) {
        return new MetadataStore.Entry("worker/" + worker.id(), BuildRecords.encode(worker), 1, 1);
    }
}
