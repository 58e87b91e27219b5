package io.mimicore.controlplane.store.etcd;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.mimicore.proto.etcd.v3.KeyValue;
import io.mimicore.proto.etcd.v3.LeaseGrantResponse;
import io.mimicore.proto.etcd.v3.RangeRequest;
import io.mimicore.proto.etcd.v3.RangeResponse;
import io.mimicore.proto.etcd.v3.TxnResponse;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreException;
import io.mimicore.store.Transaction;
import io.mimicore.store.TransactionLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A [MetadataStore] in an etcd cluster, for as many processes as there are.
///
/// Thread-safe; methods block for up to [EtcdTiming#callTimeout] a page, also when the caller is
/// interrupted, and may be called on virtual threads. Watches and leases have a virtual thread
/// each.
public final class EtcdMetadataStore implements MetadataStore {
    /// Keys in the first page of a listing: of the store's own objects, at most 256 KiB each, so
    /// many fit an answer. Pages grow while they are small and shrink when they are too large.
    private static final int PAGE_ENTRIES_FIRST = 50;

    private static final int PAGE_ENTRIES_MAX = 2_000;

    /// Keys in a page without values.
    private static final int PAGE_KEYS = 10_000;

    private static final int PAGE_STEP = 4;

    /// A page of fewer bytes lets the next be larger.
    private static final int PAGE_BYTES_SMALL = EtcdChannels.INBOUND_BYTES_MAX / (2 * PAGE_STEP);

    /// Listings that are begun anew because etcd compacted between two of their pages.
    private static final int LISTING_TRIES = 3;

    private static final KeyRange NOTHING = KeyRange.of("\0");

    private final EtcdMembers members;
    private final SeenHistory history = new SeenHistory();
    private final EtcdReports reports;
    private final EtcdCalls.Clock clock;
    private final EtcdCalls calls;
    private final Set<EtcdWatch> watches = ConcurrentHashMap.newKeySet();
    private final Set<EtcdLease> leases = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private EtcdMetadataStore(Builder builder) {
        clock = new EtcdCalls.Clock(builder.timing, builder.nanoTime, builder.random);
        reports = new EtcdReports(builder.meters, builder.nanoTime);
        int first = builder.random.nextInt(builder.endpoints.size());
        members = EtcdMembers.open(builder.endpoints, builder.channels, first);
        calls = new EtcdCalls(members, history, reports, clock, this::endLeases);
    }

    /// A store in the cluster with these members.
    ///
    /// @param endpoints `host:port` of some or all members
    /// @throws IllegalArgumentException if there is none
    public static Builder builder(List<String> endpoints, EtcdChannels channels) {
        return new Builder(endpoints, channels);
    }

    @Override
    public @Nullable Entry get(String key) {
        RangeResponse response = read("get " + key, page(KeyRange.of(key)).build());
        return response.getKvsCount() == 0 ? null : Backlog.entry(response.getKvs(0));
    }

    @Override
    public Listing list(String prefix) {
        List<Entry> entries = new ArrayList<>();
        long revision = readPages(prefix, PAGE_ENTRIES_FIRST, Backlog::entry, entries);
        return new Listing(entries, revision);
    }

    @Override
    public List<KeyRevision> keys(String prefix) {
        List<KeyRevision> keys = new ArrayList<>();
        readPages(prefix, PAGE_KEYS, EtcdMetadataStore::keyRevision, keys);
        return List.copyOf(keys);
    }

    @Override
    public Outcome commit(Transaction transaction) {
        TransactionLimits.require(transaction);
        String what = "transaction on " + Transactions.describe(transaction);
        TxnResponse response = calls.transact(what, Transactions.encode(transaction));
        if (response.getSucceeded() && Transactions.writes(transaction)) {
            reports.written();
        }
        return new Outcome(response.getSucceeded(), response.getHeader().getRevision());
    }

    @Override
    public Watch watch(String prefix, long revision, WatchListener listener) {
        requireOpen();
        var around =
                new EtcdWatch.Surroundings(new Reads(), members, reports, clock, watches::remove);
        EtcdWatch watch = EtcdWatch.start(prefix, revision, listener, around);
        watches.add(watch);
        if (closed) {
            watch.close();
        }
        return watch;
    }

    @Override
    public Lease lease(Duration ttl) {
        if (ttl.isNegative() || ttl.isZero()) {
            throw new IllegalArgumentException("ttl: " + ttl + " (expected: > 0)");
        }
        requireOpen();
        long sent = clock.nanoTime().getAsLong();
        long seconds = ttl.plusNanos(999_999_999).toSeconds();
        LeaseGrantResponse granted = calls.grant(seconds);
        var around = new EtcdLease.Surroundings(members, calls, reports, clock, leases::remove);
        EtcdLease lease = EtcdLease.hold(granted.getID(), granted.getTTL(), sent, around);
        leases.add(lease);
        if (closed) {
            lease.abandon();
        }
        return lease;
    }

    @Override
    public void close() {
        closed = true;
        List.copyOf(watches).forEach(EtcdWatch::close);
        List.copyOf(leases).forEach(EtcdLease::abandon);
        calls.close();
        members.close();
    }

    /// What was fenced by a revision of another history is fenced by nothing in this one.
    private void endLeases() {
        List.copyOf(leases).forEach(EtcdLease::historyReplaced);
    }

    /// Reads a prefix page by page, all of them at the revision of the first.
    private <T> long readPages(
            String prefix, int pageMax, Function<KeyValue, T> item, List<T> into) {
        for (int attempt = 1; ; attempt++) {
            try {
                return tryPages(prefix, pageMax, item, into);
            } catch (StatusRuntimeException e) {
                if (!EtcdErrors.isCompacted(e) || attempt == LISTING_TRIES) {
                    throw EtcdErrors.translate("list " + prefix, e);
                }
                into.clear();
            }
        }
    }

    private <T> long tryPages(
            String prefix, int pageMax, Function<KeyValue, T> item, List<T> into) {
        KeyRange rest = KeyRange.startingWith(prefix);
        boolean keysOnly = pageMax == PAGE_KEYS;
        int limit = pageMax;
        long revision = 0;
        while (true) {
            RangeRequest request =
                    page(rest).setLimit(limit).setRevision(revision).setKeysOnly(keysOnly).build();
            RangeResponse response;
            try {
                response = calls.range("list " + prefix, request);
            } catch (StatusRuntimeException e) {
                if (!EtcdErrors.isOversized(e.getStatus()) || limit == 1) {
                    throw e;
                }
                limit = Math.max(1, limit / PAGE_STEP);
                continue;
            }
            if (!keysOnly && response.getSerializedSize() < PAGE_BYTES_SMALL) {
                limit = Math.min(PAGE_ENTRIES_MAX, limit * PAGE_STEP);
            }
            revision = revision == 0 ? response.getHeader().getRevision() : revision;
            response.getKvsList().forEach(kv -> into.add(item.apply(kv)));
            if (!response.getMore()) {
                return revision;
            }
            ByteString last = response.getKvs(response.getKvsCount() - 1).getKey();
            rest = rest.after(last);
        }
    }

    private RangeResponse read(String what, RangeRequest request) {
        try {
            return calls.range(what, request);
        } catch (StatusRuntimeException e) {
            throw EtcdErrors.translate(what, e);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new StoreException("the metadata store is closed");
        }
    }

    private static RangeRequest.Builder page(KeyRange range) {
        return RangeRequest.newBuilder().setKey(range.first()).setRangeEnd(range.end());
    }

    private static KeyRevision keyRevision(KeyValue kv) {
        return new KeyRevision(kv.getKey().toStringUtf8(), kv.getModRevision());
    }

    private final class Reads implements EtcdWatch.Reads {
        @Override
        public Listing list(String prefix) {
            return EtcdMetadataStore.this.list(prefix);
        }

        @Override
        public long revision() {
            return read("read the revision", page(NOTHING).setKeysOnly(true).build())
                    .getHeader()
                    .getRevision();
        }

        @Override
        public int historyNumber() {
            return history.number();
        }
    }

    /// Collects the settings of an [EtcdMetadataStore].
    public static final class Builder {
        private final List<String> endpoints;
        private final EtcdChannels channels;
        private EtcdTiming timing = EtcdTiming.DEFAULT;
        private LongSupplier nanoTime = System::nanoTime;
        private RandomGenerator random = RandomGenerator.getDefault();
        private MeterRegistry meters = new SimpleMeterRegistry();

        private Builder(List<String> endpoints, EtcdChannels channels) {
            this.endpoints = List.copyOf(endpoints);
            this.channels = requireNonNull(channels, "channels");
            if (endpoints.isEmpty()) {
                throw new IllegalArgumentException("endpoints: none (expected: host:port,…)");
            }
        }

        /// Where metrics go; none are kept without it.
        public Builder meters(MeterRegistry registry) {
            meters = requireNonNull(registry, "registry");
            return this;
        }

        /// Other times than [EtcdTiming#DEFAULT].
        public Builder timing(EtcdTiming value) {
            timing = requireNonNull(value, "timing");
            return this;
        }

        /// Nanoseconds that never go back.
        public Builder nanoTime(LongSupplier ticker) {
            nanoTime = requireNonNull(ticker, "ticker");
            return this;
        }

        /// What waits are drawn from; thread-safe.
        public Builder random(RandomGenerator generator) {
            random = requireNonNull(generator, "generator");
            return this;
        }

        /// Opens the store; nothing is sent yet.
        public EtcdMetadataStore open() {
            return new EtcdMetadataStore(this);
        }
    }
}
