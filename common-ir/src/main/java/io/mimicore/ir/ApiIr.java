package io.mimicore.ir;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One API as a node executes it: where it answers, under which policies, and what it does.
///
/// @param name `[a-z0-9_-]{1,63}`
/// @param hosts the hosts it answers to, at least one
/// @param rateLimit absent: unlimited
/// @param userCode absent: the API calls no code
public record ApiIr(
        String name,
        List<HostPattern> hosts,
        @Nullable RateLimit rateLimit,
        Cors cors,
        @Nullable UserCode userCode,
        Serving serving) {

    private static final Pattern NAME = Pattern.compile("[a-z0-9_-]{1,63}");

    public ApiIr {
        if (!isName(name)) {
            throw new IllegalArgumentException("name: " + name + " (expected: [a-z0-9_-]{1,63})");
        }
        hosts = List.copyOf(hosts);
        if (hosts.isEmpty()) {
            throw new IllegalArgumentException("hosts: [] (expected: at least one)");
        }
        requireNonNull(cors, "cors");
        requireNonNull(serving, "serving");
        if (serving instanceof Serving.Routes routes) {
            int functions = userCode == null ? 0 : userCode.functions().size();
            routes.routes().forEach(route -> route.requireFunctions(functions));
        }
    }

    /// Whether `name` can be an API's name.
    public static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }
}
