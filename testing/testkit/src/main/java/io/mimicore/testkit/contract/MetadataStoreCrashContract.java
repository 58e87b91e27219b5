package io.mimicore.testkit.contract;

import static io.mimicore.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.store.MetadataStore;
import io.mimicore.store.MetadataStore.Change;
import io.mimicore.store.MetadataStore.Entry;
import io.mimicore.store.MetadataStore.Listing;
import io.mimicore.store.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What a [MetadataStore] keeps when it is brought down at any point of random work: every
/// transaction that was acknowledged, the one under way whole or not at all, and nothing of what
/// came after.
public abstract class MetadataStoreCrashContract {
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final int TRANSACTIONS = 60;
    private static final int KEYS = 10;
    private static final String PLAIN = "/m/";
    private static final String LEASED = "/l/";

    /// Opens an empty store that can be brought down.
    protected abstract Crashable openCrashable() throws Exception;

    /// A store, and what is left of it.
    public interface Crashable {
        /// The store.
        MetadataStore store();

        /// This many transactions have been acknowledged by now.
        void acknowledged(int transactions);

        /// Brings the store down as a crash at some point since it was opened would have, and opens
        /// what is left.
        Recovered crash(Random random) throws Exception;
    }

    /// What came back.
    ///
    /// @param acknowledged how many transactions had been acknowledged at the crash
    public record Recovered(MetadataStore store, int acknowledged) {}

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 40);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    final void crash_atAnyPoint_losesNothingAcknowledgedAndLeavesNothingHalf(long seed)
            throws Exception {
        Random random = new Random(seed);
        Crashable crashable = openCrashable();
        List<State> states = work(crashable, random);
        Recovered recovered = crashable.crash(random);
        String what = "seed " + seed + ", acknowledged " + recovered.acknowledged();
        try (MetadataStore store = recovered.store()) {
            Map<String, String> found = contentOf(store.list(PLAIN));
            State acknowledged = states.get(recovered.acknowledged());
            State next = states.get(Math.min(recovered.acknowledged() + 1, states.size() - 1));
            assertThat(found).as(what).isIn(acknowledged.content(), next.content());
            assertThat(store.list(PLAIN).revision())
                    .as(what)
                    .isGreaterThanOrEqualTo(acknowledged.revision());
            eventually(PATIENCE, () -> assertThat(store.list(LEASED).entries()).as(what).isEmpty());

            requireWatchIsComplete(store, states.get(random.nextInt(states.size())), what);
        }
    }

    /// A watch from any revision of before, acknowledged or not, leads to what the store holds.
    private static void requireWatchIsComplete(MetadataStore store, State from, String what) {
        long since = Math.min(from.revision(), store.list(PLAIN).revision());
        Map<String, String> seen = new TreeMap<>(contentOf(store.list(PLAIN)));
        var follower = new Follower(since == from.revision() ? from.content() : seen);
        try (MetadataStore.Watch _ = store.watch(PLAIN, since, follower)) {
            for (int i = 0; i < 5; i++) {
                long before = store.list(PLAIN).revision();
                long after =
                        store.commit(
                                        Transaction.builder()
                                                .put(PLAIN + i, ("after " + i).getBytes(UTF_8))
                                                .build())
                                .revision();
                assertThat(after).as(what).isGreaterThan(before);
            }
            eventually(
                    PATIENCE,
                    () ->
                            assertThat(follower.content())
                                    .as(what + ", watched from " + since)
                                    .isEqualTo(contentOf(store.list(PLAIN))));
        }
    }

    /// What the store must hold after so many transactions.
    private record State(Map<String, String> content, long revision) {}

    private static List<State> work(Crashable crashable, Random random) {
        MetadataStore store = crashable.store();
        List<State> states = new ArrayList<>();
        states.add(new State(Map.of(), store.list(PLAIN).revision()));
        Map<String, Entry> model = new TreeMap<>();
        MetadataStore.Lease lease = store.lease(Duration.ofSeconds(20));
        for (int done = 1; done <= TRANSACTIONS; done++) {
            Transaction transaction = randomTransaction(random, model, lease);
            MetadataStore.Outcome outcome = store.commit(transaction);
            crashable.acknowledged(done);
            assertThat(outcome.succeeded()).isEqualTo(applies(transaction, model));
            if (outcome.succeeded()) {
                apply(transaction, model, outcome.revision());
            }
            Map<String, String> content = new TreeMap<>();
            model.forEach((key, entry) -> content.put(key, describe(entry)));
            states.add(new State(content, outcome.revision()));
        }
        return states;
    }

    private static Transaction randomTransaction(
            Random random, Map<String, Entry> model, MetadataStore.Lease lease) {
        Transaction.Builder transaction = Transaction.builder();
        String compared = PLAIN + random.nextInt(KEYS);
        Entry known = model.get(compared);
        switch (random.nextInt(4)) {
            case 0 -> transaction.ifAbsent(compared);
            case 1 -> transaction.ifModRevision(compared, known == null ? 7 : known.modRevision());
            default -> {}
        }
        int operations = 1 + random.nextInt(4);
        int first = random.nextInt(KEYS);
        for (int i = 0; i < operations; i++) {
            String key = PLAIN + (first + i) % KEYS;
            if (random.nextInt(4) == 0) {
                transaction.delete(key);
            } else {
                // Sizes from nothing to several pages of a file.
                byte[] value = new byte[random.nextInt(4) == 0 ? random.nextInt(60_000) : 12];
                for (int at = 0; at < value.length; at++) {
                    value[at] = (byte) ('a' + random.nextInt(26));
                }
                transaction.put(key, value);
            }
        }
        if (random.nextInt(5) == 0) {
            transaction.putLeased(LEASED + random.nextInt(3), new byte[8], lease);
        }
        return transaction.build();
    }

    private static boolean applies(Transaction transaction, Map<String, Entry> model) {
        return transaction.comparisons().stream()
                .allMatch(comparison -> {
                    Entry entry = model.get(comparison.key());
                    return switch (comparison) {
                        case Transaction.Comparison.ModRevision mod ->
                                mod.revision() == (entry == null ? 0 : entry.modRevision());
                        case Transaction.Comparison.CreateRevision create ->
                                create.revision() == (entry == null ? 0 : entry.createRevision());
                    };
                });
    }

    private static void apply(Transaction transaction, Map<String, Entry> model, long revision) {
        for (Transaction.Operation operation : transaction.then()) {
            String key = operation.key();
            switch (operation) {
                case Transaction.Operation.Put put when key.startsWith(PLAIN) -> {
                    Entry before = model.get(key);
                    long created = before == null ? revision : before.createRevision();
                    model.put(key, new Entry(key, put.value(), created, revision));
                }
                case Transaction.Operation.Put _ -> {}
                case Transaction.Operation.Delete _ -> model.remove(key);
            }
        }
    }

    private static Map<String, String> contentOf(Listing listing) {
        Map<String, String> content = new TreeMap<>();
        listing.entries().forEach(entry -> content.put(entry.key(), describe(entry)));
        return content;
    }

    /// The value and both revisions.
    private static String describe(Entry entry) {
        String value = new String(entry.value(), UTF_8);
        return entry.createRevision() + "/" + entry.modRevision() + " " + value;
    }

    /// Keeps a copy of what is watched.
    private static final class Follower implements MetadataStore.WatchListener {
        private Map<String, String> content;

        Follower(Map<String, String> start) {
            content = new TreeMap<>(start);
        }

        synchronized Map<String, String> content() {
            return new TreeMap<>(content);
        }

        @Override
        public synchronized void changed(List<Change> changes) {
            for (Change change : changes) {
                switch (change) {
                    case Change.Written written ->
                            content.put(written.entry().key(), describe(written.entry()));
                    case Change.Deleted deleted -> content.remove(deleted.key());
                }
            }
        }

        @Override
        public synchronized void resync(Listing listing) {
            content = contentOf(listing);
        }
    }
}
