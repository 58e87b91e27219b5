package io.mimicore.dataplane.upstream.proxy;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The networks of the proxies in front of this node, whose word on where a request comes from is
/// passed on. Immutable.
public final class TrustedProxies {
    /// Nobody is believed.
    public static final TrustedProxies NONE = new TrustedProxies(List.of());

    private static final int V4_BYTES = 4;
    private static final int V6_BYTES = 16;

    private final List<Network> networks;

    private TrustedProxies(List<Network> networks) {
        this.networks = List.copyOf(networks);
    }

    /// All addresses that begin with these bits.
    // Compared by identity only: a record here is a plain carrier.
    @SuppressWarnings("ArrayRecordComponent")
    private record Network(byte[] address, int bits) {
        boolean contains(byte[] other) {
            if (other.length != address.length) {
                return false;
            }
            int whole = bits / Byte.SIZE;
            for (int i = 0; i < whole; i++) {
                if (address[i] != other[i]) {
                    return false;
                }
            }
            int rest = bits % Byte.SIZE;
            return rest == 0 || ((address[whole] ^ other[whole]) & 0xff) >> (Byte.SIZE - rest) == 0;
        }
    }

    /// Reads networks as `10.0.0.0/8`, `2001:db8::/32`, or single addresses.
    ///
    /// @throws IllegalArgumentException with the one that is none
    public static TrustedProxies of(List<String> networks) {
        List<Network> read = new ArrayList<>();
        for (String network : networks) {
            read.add(network(network.strip()));
        }
        return read.isEmpty() ? NONE : new TrustedProxies(read);
    }

    /// Whether a peer is one of them.
    ///
    /// @param peer absent: it has no address
    boolean contain(@Nullable InetAddress peer) {
        if (networks.isEmpty() || peer == null) {
            return false;
        }
        byte[] address = peer.getAddress();
        for (Network network : networks) {
            if (network.contains(address)) {
                return true;
            }
        }
        return false;
    }

    private static Network network(String text) {
        int slash = text.indexOf('/');
        byte[] address =
                NetUtil.createByteArrayFromIpAddressString(
                        slash < 0 ? text : text.substring(0, slash));
        if (address == null || (address.length != V4_BYTES && address.length != V6_BYTES)) {
            throw none(text);
        }
        int bitsMax = address.length * Byte.SIZE;
        int bits = slash < 0 ? bitsMax : bits(text, text.substring(slash + 1));
        if (bits > bitsMax) {
            throw none(text);
        }
        return new Network(address, bits);
    }

    private static int bits(String text, String bits) {
        if (!bits.matches("[0-9]{1,3}")) {
            throw none(text);
        }
        return Integer.parseInt(bits);
    }

    private static IllegalArgumentException none(String text) {
        return new IllegalArgumentException(
                "network: " + text + " (expected: as 10.0.0.0/8, 2001:db8::/32 or 127.0.0.1)");
    }
}
