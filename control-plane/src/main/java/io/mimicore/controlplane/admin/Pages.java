package io.mimicore.controlplane.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableMap;
import java.util.SortedMap;

/// Lists in pages (AIP-158): the token of a page says after which name it begins, so a list that
/// changes in between shows nothing twice and skips nothing that stayed.
final class Pages {
    static final int SIZE_MAX = 1_000;

    private static final int SIZE_DEFAULT = 100;

    private Pages() {}

    /// @param nextToken empty on the last page
    record Page<T>(List<T> items, String nextToken) {
        Page {
            items = List.copyOf(items);
        }
    }

    /// One page of `items`.
    ///
    /// @param asked number of items; 0: as many as usual
    /// @param token of the page before; empty: the first page
    /// @throws io.grpc.StatusRuntimeException if a field of the request is wrong
    static <T> Page<T> of(NavigableMap<String, T> items, int asked, String token) {
        if (asked < 0) {
            throw AdminErrors.badField("page_size", asked + " (expected: 0 to " + SIZE_MAX + ")");
        }
        int size = asked == 0 ? SIZE_DEFAULT : Math.min(asked, SIZE_MAX);
        SortedMap<String, T> rest = token.isEmpty() ? items : items.tailMap(decode(token), false);
        Iterator<String> names = rest.keySet().iterator();
        List<T> page = new ArrayList<>();
        String last = "";
        while (names.hasNext() && page.size() < size) {
            last = names.next();
            page.add(java.util.Objects.requireNonNull(rest.get(last)));
        }
        return new Page<>(page, names.hasNext() ? encode(last) : "");
    }

    private static String encode(String last) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(last.getBytes(UTF_8));
    }

    private static String decode(String token) {
        try {
            return new String(Base64.getUrlDecoder().decode(token), UTF_8);
        } catch (IllegalArgumentException _) {
            throw AdminErrors.badField("page_token", "(expected: a token from an answer)");
        }
    }
}
