package io.mimicore.dataplane.cors;

import io.mimicore.dataplane.http.Answer;
import io.mimicore.dataplane.http.Exchange;
import io.mimicore.ir.Cors;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which header fields tell a browser that a script of another origin may see an answer.
///
/// Where any origin is allowed, the fields are the same for every request. Else they depend on
/// `Origin`, which `Vary` says on every answer, also on one without them, so that no cache gives
/// one origin's answer to another. Immutable.
public final class CorsPolicy {
    private static final String ALLOW_ORIGIN = "Access-Control-Allow-Origin";

    private final Cors cors;
    private final Set<String> origins;
    private final List<String> constant;

    /// Fields of an answer for an allowed origin, after its `Access-Control-Allow-Origin`.
    private final List<String> forAllowed;

    private CorsPolicy(Cors cors) {
        this.cors = cors;
        this.origins = Set.copyOf(cors.origins());
        List<String> details = new ArrayList<>();
        if (cors.credentials()) {
            details.addAll(List.of("Access-Control-Allow-Credentials", "true"));
        }
        if (!cors.exposeHeaders().isEmpty()) {
            details.addAll(
                    List.of(
                            "Access-Control-Expose-Headers",
                            String.join(", ", cors.exposeHeaders())));
        }
        this.forAllowed = List.copyOf(details);
        List<String> fields = new ArrayList<>();
        if (cors.anyOrigin()) {
            fields.addAll(List.of(ALLOW_ORIGIN, "*"));
            fields.addAll(details);
        } else {
            fields.addAll(List.of("Vary", "Origin"));
        }
        this.constant = List.copyOf(fields);
    }

    /// The policy of an API.
    public static CorsPolicy of(Cors cors) {
        return new CorsPolicy(cors);
    }

    /// Whether an answer to this request has [#constantFields] and nothing else.
    public boolean isConstant(Exchange exchange) {
        return cors.anyOrigin() || exchange.header("origin") == null;
    }

    /// Names and values in turn, for every answer to a request without `Origin`, and where any
    /// origin is allowed for every answer.
    public List<String> constantFields() {
        return constant;
    }

    /// Names and values in turn, of an answer that is not a preflight's.
    public List<String> fields(Exchange exchange) {
        if (isConstant(exchange)) {
            return constant;
        }
        List<String> fields = new ArrayList<>(constant);
        String origin = allowedOrigin(exchange);
        if (origin != null) {
            fields.add(ALLOW_ORIGIN);
            fields.add(origin);
            fields.addAll(forAllowed);
        }
        return fields;
    }

    /// Adds the fields of an answer that is not a preflight's.
    public void addTo(Answer answer, Exchange exchange) {
        addAll(answer, constant);
        addOriginTo(answer, exchange);
    }

    /// Adds what [#addTo] adds besides [#constantFields()].
    public void addOriginTo(Answer answer, Exchange exchange) {
        if (!cors.anyOrigin()) {
            String origin = allowedOrigin(exchange);
            if (origin != null) {
                answer.header(ALLOW_ORIGIN, origin);
                addAll(answer, forAllowed);
            }
        }
    }

    /// Whether the request asks for leave to send another one.
    public static boolean isPreflight(Exchange exchange) {
        return exchange.method().equals("OPTIONS")
                && exchange.header("origin") != null
                && exchange.header("access-control-request-method") != null;
    }

    /// Adds the fields of a preflight's answer.
    ///
    /// @param methods what the path serves, for a policy that names no methods
    public void addPreflightTo(Answer answer, Exchange exchange, List<String> methods) {
        boolean echoesHeaders = cors.headers().isEmpty();
        if (!cors.anyOrigin()) {
            addAll(answer, constant);
        }
        if (echoesHeaders) {
            answer.header("Vary", "Access-Control-Request-Headers");
        }
        String origin = cors.anyOrigin() ? "*" : allowedOrigin(exchange);
        if (origin == null) {
            return;
        }
        answer.header(ALLOW_ORIGIN, origin);
        if (cors.credentials()) {
            answer.header("Access-Control-Allow-Credentials", "true");
        }
        List<String> allowed = cors.methods().isEmpty() ? methods : cors.methods();
        answer.header("Access-Control-Allow-Methods", String.join(", ", allowed));
        String headers = echoesHeaders ? askedHeaders(exchange) : String.join(", ", cors.headers());
        if (headers != null) {
            answer.header("Access-Control-Allow-Headers", headers);
        }
        if (cors.maxAgeSeconds() > 0) {
            answer.header("Access-Control-Max-Age", Long.toString(cors.maxAgeSeconds()));
        }
    }

    private @Nullable String allowedOrigin(Exchange exchange) {
        String origin = exchange.header("origin");
        return origin != null && origins.contains(origin) ? origin : null;
    }

    /// The names the client asks for, unless they are not a list of names.
    private static @Nullable String askedHeaders(Exchange exchange) {
        String asked = exchange.header("access-control-request-headers");
        return asked != null && !asked.isEmpty() && asked.chars().allMatch(CorsPolicy::isInNames)
                ? asked
                : null;
    }

    private static boolean isInNames(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || "!#$%&'*+-.^_`|~, ".indexOf(c) >= 0;
    }

    private static void addAll(Answer answer, List<String> fields) {
        for (int i = 0; i < fields.size(); i += 2) {
            answer.header(fields.get(i), fields.get(i + 1));
        }
    }
}
