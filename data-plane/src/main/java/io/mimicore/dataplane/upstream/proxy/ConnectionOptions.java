package io.mimicore.dataplane.upstream.proxy;

import io.mimicore.dataplane.http.HeadFields;
import java.util.Arrays;

/// The fields that a message's `Connection` names, which are meant for the next hop alone (RFC 9110
/// §7.6.1), and the protocol switch it asks for. One for each event loop, filled anew for each
/// message.
final class ConnectionOptions {
    /// Options beyond these are of no field: a message with more is passed on without them.
    private static final int OPTIONS_MAX = 100;

    private int[] from = new int[4];
    private int[] to = new int[4];
    private int count;
    private boolean upgrade;

    /// Reads every `Connection` field.
    void read(HeadFields fields) {
        count = 0;
        upgrade = false;
        for (int i = 0; i < fields.count(); i++) {
            if (fields.nameEnd(i) - fields.nameStart(i) == 10 && fields.isNamed(i, "connection")) {
                readOptions(fields, fields.valueStart(i), fields.valueEnd(i));
            }
        }
    }

    /// Whether the connection is to be switched to another protocol.
    boolean hasUpgrade() {
        return upgrade;
    }

    /// Whether a field is named.
    boolean names(HeadFields fields, int index) {
        if (count == 0) {
            return false;
        }
        byte[] bytes = fields.bytes();
        int start = fields.nameStart(index);
        int length = fields.nameEnd(index) - start;
        for (int i = 0; i < count; i++) {
            if (to[i] - from[i] == length && same(bytes, from[i], start, length)) {
                return true;
            }
        }
        return false;
    }

    private void readOptions(HeadFields fields, int start, int end) {
        byte[] bytes = fields.bytes();
        int at = start;
        while (at < end) {
            int comma = at;
            while (comma < end && bytes[comma] != ',') {
                comma++;
            }
            int first = at;
            int last = comma;
            while (first < last && (bytes[first] == ' ' || bytes[first] == '\t')) {
                first++;
            }
            while (last > first && (bytes[last - 1] == ' ' || bytes[last - 1] == '\t')) {
                last--;
            }
            addOption(fields, first, last);
            at = comma + 1;
        }
    }

    private void addOption(HeadFields fields, int first, int last) {
        if (fields.sameIgnoringCase("upgrade", first, last)) {
            upgrade = true;
        } else if (last > first
                && count < OPTIONS_MAX
                && !fields.sameIgnoringCase("keep-alive", first, last)
                && !fields.sameIgnoringCase("close", first, last)) {
            if (count == from.length) {
                from = Arrays.copyOf(from, 2 * count);
                to = Arrays.copyOf(to, 2 * count);
            }
            from[count] = first;
            to[count] = last;
            count++;
        }
    }

    private static boolean same(byte[] bytes, int a, int b, int length) {
        for (int i = 0; i < length; i++) {
            if (lower(bytes[a + i]) != lower(bytes[b + i])) {
                return false;
            }
        }
        return true;
    }

    private static int lower(byte c) {
        return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
    }
}
