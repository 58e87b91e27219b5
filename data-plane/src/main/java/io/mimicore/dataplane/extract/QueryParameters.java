package io.mimicore.dataplane.extract;

import io.mimicore.dataplane.routing.PercentEncoding;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The parameters of a query (`application/x-www-form-urlencoded`, URL standard §5.1), in order.
final class QueryParameters {
    private static final QueryParameters NONE = new QueryParameters(List.of());

    /// Names and values in turn.
    private final List<String> pairs;

    private QueryParameters(List<String> pairs) {
        this.pairs = pairs;
    }

    /// The parameters, or `null` when one is not valid percent-encoded UTF-8.
    static @Nullable QueryParameters parse(String query) {
        if (query.isEmpty()) {
            return NONE;
        }
        List<String> pairs = new ArrayList<>();
        int from = 0;
        while (from <= query.length()) {
            int ampersand = query.indexOf('&', from);
            int to = ampersand < 0 ? query.length() : ampersand;
            if (to > from && !add(query, from, to, pairs)) {
                return null;
            }
            from = to + 1;
        }
        return new QueryParameters(pairs);
    }

    /// The first value of a name, or `null`.
    @Nullable String first(String name) {
        for (int i = 0; i < pairs.size(); i += 2) {
            if (pairs.get(i).equals(name)) {
                return pairs.get(i + 1);
            }
        }
        return null;
    }

    private static boolean add(String query, int from, int to, List<String> pairs) {
        int equals = query.indexOf('=', from, to);
        int nameEnd = equals < 0 ? to : equals;
        String name = PercentEncoding.decodeQuery(query, from, nameEnd);
        String value = equals < 0 ? "" : PercentEncoding.decodeQuery(query, equals + 1, to);
        if (name == null || value == null) {
            return false;
        }
        pairs.add(name);
        pairs.add(value);
        return true;
    }
}
