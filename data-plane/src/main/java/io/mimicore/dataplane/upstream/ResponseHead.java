package io.mimicore.dataplane.upstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.dataplane.http.HeadFields;
import java.util.Arrays;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Status and header fields of a response, or the fields of its trailer section. Names are found
/// whatever their case. Not changed once it has been handed over.
public final class ResponseHead implements HeadFields {
    private static final int FIRST_FIELDS = 10;
    private static final int DIGITS_MAX = 18;

    private final int status;
    private final boolean http10;
    private byte[] bytes;

    /// For each field: start and end of its name, start and end of its value. A head is smaller
    /// than what a `char` can count.
    private char[] places = new char[4 * FIRST_FIELDS];

    private int count;

    /// @param bytes where the fields are
    ResponseHead(int status, boolean http10, byte[] bytes) {
        this.status = status;
        this.http10 = http10;
        this.bytes = bytes;
    }

    /// The status, 100..599; 0 for trailers.
    public int status() {
        return status;
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public byte[] bytes() {
        return bytes;
    }

    @Override
    public int nameStart(int index) {
        return places[4 * index];
    }

    @Override
    public int nameEnd(int index) {
        return places[4 * index + 1];
    }

    @Override
    public int valueStart(int index) {
        return places[4 * index + 2];
    }

    @Override
    public int valueEnd(int index) {
        return places[4 * index + 3];
    }

    /// A field's name as it was sent.
    public String name(int index) {
        return text(places[4 * index], places[4 * index + 1]);
    }

    /// A field's value, read as UTF-8.
    public String value(int index) {
        return text(places[4 * index + 2], places[4 * index + 3]);
    }

    /// The value of a name; several fields are joined by `, `; `null`: there is none.
    ///
    /// @param name in lower case
    public @Nullable String value(String name) {
        String joined = null;
        for (int i = 0; i < count; i++) {
            if (isNamed(i, name)) {
                joined = joined == null ? value(i) : joined + ", " + value(i);
            }
        }
        return joined;
    }

    /// Hands over every field as it was sent.
    public void each(BiConsumer<String, String> fields) {
        for (int i = 0; i < count; i++) {
            fields.accept(name(i), value(i));
        }
    }

    /// The length that is announced for the body; -1: none, or none that is a number.
    long announcedLength() {
        for (int i = 0; i < count; i++) {
            if (isNamed(i, "content-length")) {
                return number(i);
            }
        }
        return -1;
    }

    /// A field's value as a number of at most 18 digits; -1: it is none.
    long number(int index) {
        int from = valueStart(index);
        int to = valueEnd(index);
        if (from == to || to - from > DIGITS_MAX) {
            return -1;
        }
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = 10 * value + digit;
        }
        return value;
    }

    boolean isHttp10() {
        return http10;
    }

    /// Adds a field that stands in the bytes.
    void add(int nameStart, int nameEnd, int valueStart, int valueEnd) {
        if (4 * count == places.length) {
            places = Arrays.copyOf(places, 2 * places.length);
        }
        int at = 4 * count;
        places[at] = (char) nameStart;
        places[at + 1] = (char) nameEnd;
        places[at + 2] = (char) valueStart;
        places[at + 3] = (char) valueEnd;
        count++;
    }

    /// Adds a field behind the bytes.
    void append(CharSequence name, CharSequence value) throws MalformedResponseException {
        byte[] nameBytes = name.toString().getBytes(ISO_8859_1);
        byte[] valueBytes = value.toString().getBytes(ISO_8859_1);
        int start = bytes.length;
        if (start + nameBytes.length + valueBytes.length > Character.MAX_VALUE) {
            throw new MalformedResponseException("the head is too large");
        }
        bytes = Arrays.copyOf(bytes, start + nameBytes.length + valueBytes.length);
        System.arraycopy(nameBytes, 0, bytes, start, nameBytes.length);
        int valueStart = start + nameBytes.length;
        System.arraycopy(valueBytes, 0, bytes, valueStart, valueBytes.length);
        add(start, valueStart, valueStart, bytes.length);
    }

    private String text(int from, int to) {
        return new String(bytes, from, to - from, UTF_8);
    }
}
