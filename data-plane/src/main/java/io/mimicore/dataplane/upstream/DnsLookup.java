package io.mimicore.dataplane.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.dataplane.transport.EventLoops;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.resolver.dns.DnsCache;
import io.netty.resolver.dns.DnsCacheEntry;
import io.netty.resolver.dns.DnsCnameCache;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Looks names up: in the machine's hosts file, then at its name servers, which say how long their
/// answer counts, then with the system's resolver, which knows further sources but not for how
/// long.
///
/// Blocks its caller, never an event loop. Each lookup has a socket of its own, so that nobody can
/// guess where an answer is expected (RFC 5452 §9.2). Thread-safe.
final class DnsLookup implements AddressBook.Lookup {
    /// How long an answer counts that does not say.
    static final long UNTOLD_NANOS = TimeUnit.SECONDS.toNanos(10);

    /// Of records that are not to be kept at all.
    static final long TTL_SECONDS_MIN = 1;

    /// Of records that are to be kept for longer: an upstream that moves is found within that time.
    static final long TTL_SECONDS_MAX = 3600;

    private static final Path HOSTS = Path.of("/etc/hosts");
    private static final Path RESOLVER_SETTINGS = Path.of("/etc/resolv.conf");
    private static final int QUERY_MILLIS_MAX = 2_000;
    private static final int QUERIES_MAX = 16;
    private static final long LOOKUP_MILLIS_MAX = 8_000;
    private static final byte[] LOOPBACK = {127, 0, 0, 1};

    private final EventLoops loops;
    private final HostsFile hosts;
    private final @Nullable DnsServerAddressStreamProvider servers;
    private final AddressBook.Lookup system;

    /// @param servers `null`: there are none
    /// @param system asked last
    DnsLookup(
            EventLoops loops,
            HostsFile hosts,
            @Nullable DnsServerAddressStreamProvider servers,
            AddressBook.Lookup system) {
        this.loops = loops;
        this.hosts = hosts;
        this.servers = servers;
        this.system = system;
    }

    /// The hosts file, the name servers of `resolv.conf` and the JVM's resolver.
    static DnsLookup ofThisMachine(EventLoops loops) {
        return new DnsLookup(
                loops,
                new HostsFile(HOSTS),
                // Without a server in the settings the library would ask public ones.
                hasNameServers() ? DnsServerAddressStreamProviders.platformDefault() : null,
                host ->
                        new AddressBook.Answer(
                                List.of(InetAddress.getAllByName(host)), UNTOLD_NANOS));
    }

    private static boolean hasNameServers() {
        try {
            return Files.readString(RESOLVER_SETTINGS, UTF_8)
                    .lines()
                    .anyMatch(line -> line.startsWith("nameserver"));
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public AddressBook.Answer addresses(String host) throws UnknownHostException {
        List<InetAddress> own = hosts.addresses(host);
        if (!own.isEmpty()) {
            return new AddressBook.Answer(own, UNTOLD_NANOS);
        }
        if (isLocal(host)) {
            return new AddressBook.Answer(
                    List.of(InetAddress.getByAddress(host, LOOPBACK)), UNTOLD_NANOS);
        }
        AddressBook.Answer told = servers == null ? null : askServers(host, servers);
        return told == null ? system.addresses(host) : told;
    }

    /// Never asked of others (RFC 6761 §6.3).
    private static boolean isLocal(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        return name.equals("localhost") || name.endsWith(".localhost");
    }

    private AddressBook.@Nullable Answer askServers(
            String host, DnsServerAddressStreamProvider provider) throws UnknownHostException {
        Lifetime lifetime = new Lifetime();
        try (DnsNameResolver resolver =
                new DnsNameResolverBuilder(loops.group().next())
                        .datagramChannelType(loops.datagramChannel())
                        .socketChannelType(loops.clientChannel())
                        .nameServerProvider(provider)
                        .hostsFileEntriesResolver((_, _) -> null)
                        .queryTimeoutMillis(QUERY_MILLIS_MAX)
                        .maxQueriesPerResolve(QUERIES_MAX)
                        .resolveCache(lifetime)
                        .cnameCache(lifetime.ofAliases())
                        .build()) {
            Future<List<InetAddress>> answer = resolver.resolveAll(host);
            if (!answer.await(LOOKUP_MILLIS_MAX) || !answer.isSuccess()) {
                return null;
            }
            return new AddressBook.Answer(
                    answer.getNow(), TimeUnit.SECONDS.toNanos(lifetime.seconds()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnknownHostException(host);
        }
    }

    /// Keeps nothing but the shortest time that a record of one lookup counts.
    private static final class Lifetime implements DnsCache {
        /// Written by the lookup's event loop before its answer is told, read by who is told.
        private volatile long shortest = TTL_SECONDS_MAX;

        long seconds() {
            return Math.max(TTL_SECONDS_MIN, shortest);
        }

        DnsCnameCache ofAliases() {
            return new DnsCnameCache() {
                @Override
                public @Nullable String get(String host) {
                    return null;
                }

                @Override
                public void cache(String host, String alias, long seconds, EventLoop loop) {
                    shorten(seconds);
                }

                @Override
                public void clear() {}

                @Override
                public boolean clear(String host) {
                    return false;
                }
            };
        }

        @Override
        public @Nullable List<? extends DnsCacheEntry> get(String host, DnsRecord[] more) {
            return null;
        }

        @Override
        public DnsCacheEntry cache(
                String host, DnsRecord[] more, InetAddress address, long seconds, EventLoop loop) {
            shorten(seconds);
            return new Told(address, null);
        }

        @Override
        public DnsCacheEntry cache(String host, DnsRecord[] more, Throwable cause, EventLoop loop) {
            return new Told(null, cause);
        }

        @Override
        public void clear() {}

        @Override
        public boolean clear(String host) {
            return false;
        }

        private void shorten(long seconds) {
            shortest = Math.min(shortest, seconds);
        }
    }

    private record Told(@Nullable InetAddress address, @Nullable Throwable cause)
            implements DnsCacheEntry {}
}
