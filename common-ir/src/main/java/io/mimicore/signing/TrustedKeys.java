package io.mimicore.signing;

import java.util.List;

/// Several keys, each of which counts: while a cluster goes over to a new key, nodes trust the old
/// one too.
///
/// @param keys at least one
public record TrustedKeys(List<TrustedKey> keys) implements Trust {
    public TrustedKeys {
        keys = List.copyOf(keys);
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("keys: 0 (expected: at least one)");
        }
    }

    @Override
    public boolean verifies(byte[] content, byte[] signature) {
        for (TrustedKey key : keys) {
            if (key.verifies(content, signature)) {
                return true;
            }
        }
        return false;
    }
}
