package io.mimicore.dataplane.upstream.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustedProxiesTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.1.2, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "192.168.130.0/23, 192.168.131.9, true",
        "192.168.130.0/23, 192.168.132.1, false",
        "200.1.2.3, 200.1.2.3, true",
        "200.1.2.3, 200.1.2.4, false",
        "0.0.0.0/0, 8.8.8.8, true",
        "0.0.0.0/0, ::1, false",
        "2001:db8::/33, 2001:db8:7fff::1, true",
        "2001:db8::/33, 2001:db8:8000::1, false",
        "::1, ::1, true"
    })
    void contain_addressOfANetwork_isSo(String network, String address, boolean contained)
            throws UnknownHostException {
        assertThat(TrustedProxies.of(List.of(network)).contain(InetAddress.getByName(address)))
                .isEqualTo(contained);
    }

    @Test
    void contain_withoutAnAddress_isNot() {
        assertThat(TrustedProxies.of(List.of("0.0.0.0/0")).contain(null)).isFalse();
        assertThat(TrustedProxies.NONE.contain(InetAddress.getLoopbackAddress())).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "proxy", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "/8"})
    void of_notANetwork_isRefusedByName(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TrustedProxies.of(List.of(text)))
                .withMessageContaining("network: " + text + " (expected: ");
    }
}
