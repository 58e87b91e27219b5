package io.mimicore.ir;

import java.util.Locale;

/// Which `Host` values an API answers to. Compared in lower case, without the port.
public sealed interface HostPattern {
    /// Exactly this host.
    record Exact(String host) implements HostPattern {
        public Exact {
            requireLowerCase(host);
        }
    }

    /// Every host that ends in `.suffix`, at any depth; written `*.suffix` in a config.
    record Suffix(String suffix) implements HostPattern {
        public Suffix {
            requireLowerCase(suffix);
        }
    }

    /// Every host whose first label is `label`: `my_api.localhost`, `my_api.local`, `my_api`.
    record FirstLabel(String label) implements HostPattern {
        public FirstLabel {
            requireLowerCase(label);
        }
    }

    private static void requireLowerCase(String host) {
        if (host.isEmpty() || !host.equals(host.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException(
                    "host: " + host + " (expected: lower case, not empty)");
        }
    }
}
