package io.mimicore.dataplane.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;

/// Ids of a connection's requests: 16 hex digits that name the connection among all of all nodes, a
/// dash, and the request's number on it. Confined to the connection's event loop.
final class RequestIds {
    private static final byte[] HEX = "0123456789abcdef".getBytes(US_ASCII);
    private static final int CONNECTION_DIGITS = 16;

    private final long connection;
    private long number;

    RequestIds(long connection) {
        this.connection = connection;
    }

    void next() {
        number++;
    }

    void write(ByteBuf out) {
        writeHex(out, connection, CONNECTION_DIGITS);
        out.writeByte('-');
        writeHex(out, number, Math.max(1, (67 - Long.numberOfLeadingZeros(number)) / 4));
    }

    String current() {
        var text = new StringBuilder(2 * CONNECTION_DIGITS);
        for (int shift = (CONNECTION_DIGITS - 1) * 4; shift >= 0; shift -= 4) {
            text.append((char) HEX[(int) (connection >>> shift) & 0xf]);
        }
        return text.append('-').append(Long.toHexString(number)).toString();
    }

    private static void writeHex(ByteBuf out, long value, int digits) {
        for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
            out.writeByte(HEX[(int) (value >>> shift) & 0xf]);
        }
    }
}
