package io.mimicore.dataplane.upstream;

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
/// Names are looked up by the system's resolver on threads of their own, because it blocks. An
/// answer counts for [#FRESH_NANOS], a failure for [#FAILED_NANOS]. An answer that has become old
/// is still given, while it is renewed, for [#STALE_NANOS] more: so a call never waits for a name
/// that is known, and a resolver that is down does not stop calls to upstreams that are not.
final class AddressBook implements AutoCloseable {
    /// Ours. The JDK keeps answers for 30 s besides (`networkaddress.cache.ttl`), so that a changed
    /// record is noticed within 40 s.
    static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(10);

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
        InetAddress[] addresses(String host) throws UnknownHostException;
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
        private long knownSinceNanos;
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

    /// The system's resolver.
    static AddressBook ofThisMachine() {
        return new AddressBook(InetAddress::getAllByName, System::nanoTime);
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
                                    : now - entry.knownSinceNanos < FRESH_NANOS + STALE_NANOS);
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
            answered(host, List.of());
        }
    }

    private void lookUp(String host) {
        List<InetAddress> addresses;
        try {
            addresses = List.of(lookup.addresses(host));
        } catch (UnknownHostException | SecurityException e) {
            addresses = List.of();
        }
        answered(host, addresses);
    }

    private void answered(String host, List<InetAddress> addresses) {
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
                    addresses.isEmpty()
                            && !entry.addresses.isEmpty()
                            && now - entry.knownSinceNanos < FRESH_NANOS + STALE_NANOS;
            if (!staleIsBetter) {
                entry.addresses = addresses;
                entry.knownSinceNanos = now;
                entry.known = true;
            }
            entry.nextNanos = now + (addresses.isEmpty() ? FAILED_NANOS : FRESH_NANOS);
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
