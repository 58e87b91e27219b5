package io.mimicore.dataplane.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.time.ZoneOffset.UTC;

import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// The `Date` header line of the current second (RFC 9110 §6.6.1), shared by all connections.
///
/// [#refresh] is called once a second; readers see a line at most that old.
final class DateHeader {
    private static final DateTimeFormatter FORMAT =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US).withZone(UTC);

    private final InstantSource clock;
    private volatile byte[] line;

    DateHeader(InstantSource clock) {
        this.clock = clock;
        this.line = encode();
    }

    byte[] line() {
        return line;
    }

    void refresh() {
        line = encode();
    }

    private byte[] encode() {
        return ("Date: " + FORMAT.format(clock.instant()) + "\r\n").getBytes(US_ASCII);
    }
}
