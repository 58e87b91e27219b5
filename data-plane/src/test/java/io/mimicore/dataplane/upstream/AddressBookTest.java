package io.mimicore.dataplane.upstream;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// How long answers count, by a clock of the test's own.
class AddressBookTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final long TTL = TimeUnit.SECONDS.toNanos(30);

    private final AtomicLong now = new AtomicLong(1);
    private final AtomicInteger asked = new AtomicInteger();
    private volatile @Nullable Integer last = 1;
    private final AddressBook book = new AddressBook(this::lookUp, now::get);

    @AfterEach
    void close() {
        book.close();
    }

    @Test
    void answer_withinItsTime_isNotAskedForAgain() {
        assertThat(resolve()).containsExactly(address(1));
        last = 2;
        now.addAndGet(TTL - 1);
        assertThat(resolve()).containsExactly(address(1));
        assertThat(asked).hasValue(1);
    }

    @Test
    void answer_pastItsTime_isGivenWhileItIsRenewed() {
        resolve();
        last = 2;
        now.addAndGet(TTL);
        assertThat(resolve()).containsExactly(address(1));
        eventually(PATIENCE, () -> assertThat(resolve()).containsExactly(address(2)));
        assertThat(asked).hasValue(2);
    }

    @Test
    void answer_whoseResolverFails_isGivenForFiveMinutesMore() {
        resolve();
        last = null;
        now.addAndGet(TTL + AddressBook.STALE_NANOS - 1);
        assertThat(resolve()).containsExactly(address(1));
        eventually(PATIENCE, () -> assertThat(asked).hasValue(2));
        now.addAndGet(AddressBook.FAILED_NANOS);
        assertThat(resolve()).isEmpty();
    }

    @Test
    void failure_isForgottenAfterFiveSeconds() {
        last = null;
        assertThat(resolve()).isEmpty();
        last = 1;
        now.addAndGet(AddressBook.FAILED_NANOS - 1);
        assertThat(resolve()).isEmpty();
        now.addAndGet(1);
        assertThat(resolve()).containsExactly(address(1));
        assertThat(asked).hasValue(2);
    }

    @Test
    void literal_isNotLookedUp() {
        CompletableFuture<List<InetAddress>> found = new CompletableFuture<>();
        book.resolve("::1", found::complete);
        assertThat(found.join())
                .extracting(InetAddress::getHostAddress)
                .containsExactly("0:0:0:0:0:0:0:1");
        assertThat(asked).hasValue(0);
    }

    private List<InetAddress> resolve() {
        CompletableFuture<List<InetAddress>> found = new CompletableFuture<>();
        book.resolve("Up.Example", found::complete);
        return found.orTimeout(20, TimeUnit.SECONDS).join();
    }

    private AddressBook.Answer lookUp(String host) throws UnknownHostException {
        assertThat(host).isEqualTo("up.example");
        asked.incrementAndGet();
        Integer answer = last;
        if (answer == null) {
            throw new UnknownHostException(host);
        }
        return new AddressBook.Answer(List.of(address(answer)), TTL);
    }

    private static InetAddress address(int last) {
        try {
            return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
