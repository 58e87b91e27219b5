package io.mimicore.dataplane.call;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Header fields of requests, encoded once. Immutable.
public final class HeaderBlock {
    /// Without any field.
    public static final HeaderBlock EMPTY = new HeaderBlock(List.of());

    private final List<Field> fields;
    private final byte[] lines;

    private HeaderBlock(List<Field> fields) {
        this.fields = List.copyOf(fields);
        var out = new ByteArrayOutputStream();
        for (Field field : fields) {
            out.writeBytes(field.name().getBytes(ISO_8859_1));
            out.writeBytes(new byte[] {':', ' '});
            out.writeBytes(field.value());
            out.writeBytes(new byte[] {'\r', '\n'});
        }
        this.lines = out.toByteArray();
    }

    /// Whether a value may be sent: no control characters but the tab (RFC 9110 §5.5).
    public static boolean isValue(byte[] value) {
        for (byte b : value) {
            if ((b >= 0 && b < ' ' && b != '\t') || b == 0x7f) {
                return false;
            }
        }
        return true;
    }

    /// The fields in order.
    public List<Field> fields() {
        return fields;
    }

    /// The fields as HTTP/1.1 sends them, each with its CR LF. Nobody may write to it.
    public byte[] lines() {
        return lines;
    }

    /// The first value of a name, or `null`.
    ///
    /// @param name in lower case
    public byte @Nullable [] first(String name) {
        for (Field field : fields) {
            if (field.name().equals(name)) {
                return field.value();
            }
        }
        return null;
    }

    /// One field.
    ///
    /// @param name a token in lower case
    /// @param value for which [HeaderBlock#isValue] holds; nobody may write to it
    // Compared by identity only: a record here is a plain carrier.
    @SuppressWarnings("ArrayRecordComponent")
    public record Field(String name, byte[] value) {}

    /// Collects fields.
    public static final class Builder {
        private final List<Field> fields = new ArrayList<>();

        /// Adds a field; the caller has checked name and value.
        public Builder add(String name, byte[] value) {
            fields.add(new Field(name.toLowerCase(Locale.ROOT), value));
            return this;
        }

        /// Whether there is a field of that name.
        public boolean has(String name) {
            return fields.stream().anyMatch(field -> field.name().equals(name));
        }

        /// The block.
        public HeaderBlock build() {
            return fields.isEmpty() ? EMPTY : new HeaderBlock(fields);
        }
    }
}
