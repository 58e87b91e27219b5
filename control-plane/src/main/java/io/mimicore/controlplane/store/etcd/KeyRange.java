package io.mimicore.controlplane.store.etcd;

import com.google.protobuf.ByteString;

/// The keys from the first one on up to, and without, the end.
///
/// @param end empty: only the first key; one zero byte: all keys after it
record KeyRange(ByteString first, ByteString end) {
    private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

    /// One key.
    static KeyRange of(String key) {
        return new KeyRange(ByteString.copyFromUtf8(key), ByteString.EMPTY);
    }

    /// The keys that begin with `prefix`: all of them when it is empty.
    static KeyRange startingWith(String prefix) {
        ByteString first = ByteString.copyFromUtf8(prefix);
        // Neither an empty key nor an empty range can be asked for.
        return first.isEmpty() ? new KeyRange(ZERO, ZERO) : new KeyRange(first, afterPrefix(first));
    }

    /// What of this range comes after `key`.
    KeyRange after(ByteString key) {
        return new KeyRange(key.concat(ZERO), end);
    }

    private static ByteString afterPrefix(ByteString prefix) {
        byte[] bytes = prefix.toByteArray();
        for (int i = bytes.length - 1; i >= 0; i--) {
            if (bytes[i] != (byte) 0xff) {
                bytes[i]++;
                return ByteString.copyFrom(bytes, 0, i + 1);
            }
        }
        return ZERO;
    }
}
