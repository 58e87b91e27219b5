package io.mimicore.dataplane.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimicore.dataplane.transport.EventLoops;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Names that a real socket, a file and another resolver know.
class DnsLookupTest {
    @TempDir private Path directory;
    private final EventLoops loops = EventLoops.start("dns-test", 1);
    private final NameServer server = new NameServer();

    @SuppressWarnings("NullAway.Init") // prepare() sets it
    private Path hosts;

    @SuppressWarnings("NullAway.Init") // prepare() sets it
    private DnsLookup lookup;

    @BeforeEach
    void prepare() throws IOException {
        hosts = Files.writeString(directory.resolve("hosts"), "");
        lookup =
                new DnsLookup(
                        loops,
                        new HostsFile(hosts),
                        new SingletonDnsServerAddressStreamProvider(server.address()),
                        DnsLookupTest::system);
    }

    @AfterEach
    void close() {
        server.close();
        loops.close();
    }

    @ParameterizedTest
    @CsvSource({"7,7", "0,1", "1,1", "3600,3600", "86400,3600"})
    void answer_countsAsLongAsItsRecord(int ttl, int expected) throws UnknownHostException {
        server.put("up.example", ttl, 10, 0, 0, 1);
        AddressBook.Answer answer = lookup.addresses("up.example");
        assertThat(texts(answer)).containsExactly("10.0.0.1");
        assertThat(answer.freshNanos()).isEqualTo(TimeUnit.SECONDS.toNanos(expected));
    }

    @Test
    void answer_afterTheRecordHasChanged_isTheNewOne() throws UnknownHostException {
        server.put("up.example", 3600, 10, 0, 0, 1);
        lookup.addresses("up.example");
        server.put("up.example", 3600, 10, 0, 0, 2);
        assertThat(texts(lookup.addresses("up.example"))).containsExactly("10.0.0.2");
    }

    @Test
    void alias_isFollowedAndCountsAsLongAsItsShortestRecord() throws UnknownHostException {
        server.putAlias("up.example", 5, "real.example");
        server.put("real.example", 60, 10, 0, 0, 3);
        AddressBook.Answer answer = lookup.addresses("up.example");
        assertThat(texts(answer)).containsExactly("10.0.0.3");
        assertThat(answer.freshNanos()).isEqualTo(TimeUnit.SECONDS.toNanos(5));
    }

    @Test
    void hostsFile_comesFirstAndIsReadAgain() throws IOException {
        server.put("up.example", 60, 10, 0, 0, 1);
        Files.writeString(hosts, "10.9.9.9 other UP.example # mine\n");
        Files.setLastModifiedTime(hosts, FileTime.fromMillis(1_000));
        assertThat(texts(lookup.addresses("up.Example"))).containsExactly("10.9.9.9");
        Files.writeString(hosts, "10.9.9.8 up.example\n::2 up.example\n");
        Files.setLastModifiedTime(hosts, FileTime.fromMillis(2_000));
        assertThat(texts(lookup.addresses("up.example")))
                .containsExactly("10.9.9.8", "0:0:0:0:0:0:0:2");
        Files.delete(hosts);
        Files.writeString(hosts, "");
        assertThat(texts(lookup.addresses("up.example"))).containsExactly("10.0.0.1");
    }

    @Test
    void localhost_isNeverAskedFor() throws UnknownHostException {
        assertThat(texts(lookup.addresses("localhost"))).containsExactly("127.0.0.1");
        assertThat(texts(lookup.addresses("a.localhost"))).containsExactly("127.0.0.1");
        assertThat(server.asked()).isEmpty();
    }

    @Test
    void name_thatTheServersDoNotKnow_isAskedOfTheSystem() throws UnknownHostException {
        AddressBook.Answer answer = lookup.addresses("printer");
        assertThat(texts(answer)).containsExactly("10.7.7.7");
        assertThat(answer.freshNanos()).isEqualTo(DnsLookup.UNTOLD_NANOS);
        assertThat(server.asked()).isNotEmpty();
        assertThatThrownBy(() -> lookup.addresses("none.example"))
                .isInstanceOf(UnknownHostException.class);
    }

    @Test
    void name_thatIsNone_isUnknown() {
        assertThatThrownBy(() -> lookup.addresses("x".repeat(300)))
                .isInstanceOf(UnknownHostException.class);
    }

    private static AddressBook.Answer system(String host) throws UnknownHostException {
        if (host.equals("printer")) {
            return new AddressBook.Answer(
                    List.of(InetAddress.getByName("10.7.7.7")), DnsLookup.UNTOLD_NANOS);
        }
        throw new UnknownHostException(host);
    }

    private static List<String> texts(AddressBook.Answer answer) {
        return answer.addresses().stream().map(InetAddress::getHostAddress).toList();
    }
}
