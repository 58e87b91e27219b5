package io.mimicore.dataplane.upstream;

import io.mimicore.dataplane.transport.EventLoops;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The addresses of host names, kept for a while. Thread-safe.
///
/// Names are looked up on threads of their own, because that blocks. An answer counts as long as it
/// says, a failure for [#FAILED_NANOS]. An answer that has become old is still given, while it is
/// renewed, for [#STALE_NANOS] more: so a call never waits for a name that is known, and a resolver
/// that is down does not stop calls to upstreams that are not.
final class AddressBook implements AutoCloseable {
    static final long FAILED_NANOS = TimeUnit.SECONDS.toNanos(5);

    static final long STALE_NANOS = TimeUnit.MINUTES.toNanos(5);

    /// Names that are kept; those of templates may be any number.
    static final int NAMES_MAX = 4096;

    private static final int THREADS = 4;
    private static final int LOOKUPS_WAITING_MAX = 1024;

    private final Lookup lookup;
    private final LongSupplier ticker;
    private final Map<String, Entry> entries = new HashMap<>();
    private final ThreadPoolExecutor threads;

    /// How a name is looked up; blocks.
    interface Lookup {
        /// Its addresses, at least one.
        Answer addresses(String host) throws UnknownHostException;
    }

    /// What a name stands for.
    ///
    /// @param addresses at least one
    /// @param freshNanos how long this counts
    record Answer(List<InetAddress> addresses, long freshNanos) {
        Answer {
            addresses = List.copyOf(addresses);
            if (addresses.isEmpty() || freshNanos <= 0) {
                throw new IllegalArgumentException(
                        "answer: " + addresses + ", " + freshNanos + " ns (expected: some, > 0)");
            }
        }
    }

    /// Takes the addresses of a name.
    interface Listener {
        /// On a thread of the book or on the caller's.
        ///
        /// @param addresses empty: the name has none
        void resolved(List<InetAddress> addresses);
    }

    /// What is known of a name. Guarded by the book.
    private static final class Entry {
        private List<InetAddress> addresses = List.of();
        private long staleAtNanos;
        private boolean known;
        private boolean asking;
        private long nextNanos;
        private final List<Listener> waiting = new ArrayList<>();
    }

    AddressBook(Lookup lookup, LongSupplier ticker) {
        this.lookup = lookup;
        this.ticker = ticker;
        this.threads =
                new ThreadPoolExecutor(
                        THREADS,
                        THREADS,
                        10,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(LOOKUPS_WAITING_MAX),
                        Thread.ofPlatform().daemon().name("upstream-names-", 0).factory());
        threads.allowCoreThreadTimeOut(true);
    }

    /// This machine's hosts file and name servers.
    static AddressBook ofThisMachine(EventLoops loops) {
        return new AddressBook(DnsLookup.ofThisMachine(loops), System::nanoTime);
    }

    /// Gives the addresses of a name, at once where they are known.
    ///
    /// @param host a name or an address
    void resolve(String host, Listener listener) {
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
        List<InetAddress> known =
                literal == null ? find(host.toLowerCase(Locale.ROOT), listener) : of(literal);
        if (known != null) {
            listener.resolved(known);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    private static List<InetAddress> of(byte[] literal) {
        try {
            return List.of(InetAddress.getByAddress(literal));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("address: " + literal.length + " bytes", e);
        }
    }

    /// What is known; `null`: the listener waits.
    private @Nullable List<InetAddress> find(String host, Listener listener) {
        boolean ask = false;
        List<InetAddress> answer = null;
        synchronized (this) {
            long now = ticker.getAsLong();
            Entry entry = entries.get(host);
            if (entry == null) {
                makeRoom(now);
                entry = new Entry();
                entry.nextNanos = now;
                entries.put(host, entry);
            }
            boolean due = now - entry.nextNanos >= 0;
            boolean usable =
                    entry.known
                            && (entry.addresses.isEmpty()
                                    ? !due
                                    : now - entry.staleAtNanos < STALE_NANOS);
            if (due && !entry.asking) {
                entry.asking = true;
                ask = true;
            }
            if (usable) {
                answer = entry.addresses;
            } else {
                entry.waiting.add(listener);
            }
        }
        if (ask) {
            ask(host);
        }
        return answer;
    }

    private void ask(String host) {
        try {
            threads.execute(() -> lookUp(host));
        } catch (RejectedExecutionException e) {
            answered(host, null);
        }
    }

    private void lookUp(String host) {
        Answer found;
        try {
            found = lookup.addresses(host);
        } catch (UnknownHostException e) {
            found = null;
        }
        answered(host, found);
    }

    /// @param found `null`: the name has no address, or nobody could be asked
    private void answered(String host, @Nullable Answer found) {
        List<Listener> told;
        List<InetAddress> answer;
        synchronized (this) {
            Entry entry = entries.get(host);
            if (entry == null) {
                return;
            }
            long now = ticker.getAsLong();
            entry.asking = false;
            boolean staleIsBetter =
                    found == null
                            && !entry.addresses.isEmpty()
                            && now - entry.staleAtNanos < STALE_NANOS;
            entry.nextNanos = now + (found == null ? FAILED_NANOS : found.freshNanos());
            if (!staleIsBetter) {
                entry.addresses = found == null ? List.of() : found.addresses();
                entry.staleAtNanos = entry.nextNanos;
                entry.known = true;
            }
            answer = entry.addresses;
            told = List.copyOf(entry.waiting);
            entry.waiting.clear();
        }
        told.forEach(listener -> listener.resolved(answer));
    }

    /// Forgets what is too old to be given, else whatever nobody waits for.
    private void makeRoom(long now) {
        if (entries.size() < NAMES_MAX) {
            return;
        }
        entries.values()
                .removeIf(entry ->
                        !entry.asking && entry.waiting.isEmpty() && now - entry.nextNanos >= 0);
        if (entries.size() >= NAMES_MAX) {
            entries.values().removeIf(entry -> !entry.asking && entry.waiting.isEmpty());
        }
    }
}
