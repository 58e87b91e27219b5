package io.mimicore.config;

import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.Cors;
import io.mimicore.ir.HostPattern;
import io.mimicore.ir.RateLimit;
import java.net.IDN;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads what holds for a whole API: `hosts`, `rate_limit`, `cors`.
final class PolicyReader {
    private static final Pattern HOST =
            Pattern.compile(
                    "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*");
    private static final Pattern IPV6 = Pattern.compile("\\[[0-9a-f:.]+]");
    private static final Pattern ORIGIN =
            Pattern.compile(
                    "[a-z][a-z0-9+.-]*://([a-z0-9_.-]+|\\[[0-9a-f:.]+])(:(?<port>[1-9][0-9]{0,4}))?");

    /// RFC 1035 §2.3.4, as text without the last dot.
    private static final int HOST_CHARS_MAX = 253;

    private static final int PORT_MAX = 65_535;

    private final FieldReader api;
    private final Problems problems;

    PolicyReader(FieldReader api, Problems problems) {
        this.api = api;
        this.problems = problems;
    }

    /// @param name the API's, whose first label it answers to without `hosts`
    List<HostPattern> hosts(String name) {
        if (api.find("hosts") == null) {
            return List.of(new HostPattern.FirstLabel(name));
        }
        List<HostPattern> hosts = new ArrayList<>();
        Set<HostPattern> seen = new HashSet<>();
        LocatedJson.Array array = api.array("hosts");
        if (array != null && array.elements().isEmpty()) {
            problems.error(
                    array,
                    DiagnosticCode.FIELD_VALUE,
                    "hosts: [] (expected: at least one)",
                    "without hosts the API answers to every host that begins with its name");
        }
        for (LocatedJson.Text text : api.texts("hosts", "a host, or *.suffix")) {
            HostPattern host = host(text);
            if (host != null && !seen.add(host)) {
                problems.error(
                        text,
                        DiagnosticCode.DUPLICATE,
                        "hosts: " + text.shown() + " (expected: every host once)",
                        "");
            } else if (host != null) {
                hosts.add(host);
            }
        }
        return hosts;
    }

    private @Nullable HostPattern host(LocatedJson.Text text) {
        String host = text.text().toLowerCase(Locale.ROOT);
        boolean isSuffix = host.startsWith("*.");
        String name = isSuffix ? host.substring(2) : host;
        if (name.length() <= HOST_CHARS_MAX && HOST.matcher(name).matches()) {
            return isSuffix ? new HostPattern.Suffix(name) : new HostPattern.Exact(name);
        }
        if (IPV6.matcher(host).matches()) {
            return new HostPattern.Exact(host);
        }
        problems.error(
                text,
                DiagnosticCode.FIELD_VALUE,
                "hosts: " + text.shown() + " (expected: a host, or *.suffix)",
                hostHint(name));
        return null;
    }

    private static String hostHint(String name) {
        if (name.chars().anyMatch(c -> c > 0x7e)) {
            return ascii(name);
        }
        if (name.matches("[^:]*:[0-9]*")) {
            return "leave the port out; an API answers on every port";
        }
        if (name.contains("/")) {
            return "write the host alone, without a scheme or a path";
        }
        if (name.contains("*")) {
            return "a * stands only at the beginning, before a dot";
        }
        if (name.matches(".*:.*:.*") && IPV6.matcher("[" + name + "]").matches()) {
            return "write [" + name + "]";
        }
        if (name.length() > HOST_CHARS_MAX || name.matches(".*[^.]{64}.*")) {
            return "at most " + HOST_CHARS_MAX + " characters, and 63 between two dots";
        }
        return name.endsWith(".") ? "leave the last dot out" : "";
    }

    private static String ascii(String name) {
        try {
            return "write its ASCII form, " + IDN.toASCII(name);
        } catch (IllegalArgumentException _) {
            return "write its ASCII form (RFC 5890)";
        }
    }

    @Nullable RateLimit rateLimit() {
        FieldReader reader = api.open("rate_limit", FormatObject.RATE_LIMIT);
        if (reader == null) {
            return null;
        }
        String expected = "a number above 0";
        Double perSecond = null;
        LocatedJson found = reader.require("requests_per_second", expected);
        if (found != null) {
            perSecond = reader.number("requests_per_second", expected);
            if (perSecond != null && perSecond <= 0) {
                reader.wrongValue(found, "requests_per_second", expected);
                perSecond = null;
            }
        }
        int burst = reader.integer("burst", new FieldReader.Range(1, Integer.MAX_VALUE), 1);
        return perSecond == null ? null : new RateLimit(perSecond, burst);
    }

    Cors cors() {
        FieldReader reader = api.open("cors", FormatObject.CORS);
        if (reader == null) {
            return Cors.OPEN;
        }
        List<String> origins = reader.find("origins") == null ? List.of("*") : origins(reader);
        List<String> methods = methods(reader);
        List<String> headers = headers(reader, "headers");
        List<String> exposed = headers(reader, "expose_headers");
        boolean credentials = reader.bool("credentials");
        long maxAge = maxAge(reader);
        LocatedJson credentialsAt = reader.find("credentials");
        if (credentials && credentialsAt != null && origins.contains("*")) {
            problems.error(
                    credentialsAt,
                    DiagnosticCode.FIELD_CONFLICT,
                    "credentials: true (expected: false when any origin is allowed)",
                    "list the origins that may send cookies");
            return Cors.OPEN;
        }
        return new Cors(origins, methods, headers, exposed, credentials, maxAge);
    }

    private List<String> origins(FieldReader reader) {
        List<String> origins = new ArrayList<>();
        List<LocatedJson.Text> texts = reader.texts("origins", "an origin");
        for (LocatedJson.Text text : texts) {
            String origin = text.text().toLowerCase(Locale.ROOT);
            if (origin.equals("*") && texts.size() > 1) {
                problems.error(
                        text,
                        DiagnosticCode.FIELD_CONFLICT,
                        "origins: \"*\" (expected: alone)",
                        "it allows every origin, so that the others say nothing");
            } else if (!origin.equals("*") && !isOrigin(origin)) {
                problems.error(
                        text,
                        DiagnosticCode.FIELD_VALUE,
                        "origins: "
                                + text.shown()
                                + " (expected: * or scheme://host or scheme://host:port)",
                        originHint(origin));
            } else {
                origins.add(origin);
            }
        }
        return origins;
    }

    private static boolean isOrigin(String origin) {
        Matcher matcher = ORIGIN.matcher(origin);
        return matcher.matches()
                && (matcher.group("port") == null
                        || Integer.parseInt(matcher.group("port")) <= PORT_MAX);
    }

    private static String originHint(String origin) {
        int scheme = origin.indexOf("://");
        if (scheme < 0) {
            return "";
        }
        String rest = origin.substring(scheme + "://".length());
        if (rest.contains("*")) {
            return "name every origin; a * stands only alone, for all of them";
        }
        if (rest.contains("@")) {
            return "an origin has no user and no password";
        }
        if (rest.matches("[^/?#]*[/?#].*")) {
            return "an origin has no path, not even a / at its end";
        }
        return rest.matches(".+:[0-9]+") ? "a port is 1.." + PORT_MAX : "";
    }

    /// Empty for `*` alone, which the IR calls every method that is served.
    private List<String> methods(FieldReader reader) {
        List<LocatedJson.Text> texts = reader.texts("methods", "a method like GET");
        if (isStar(texts)) {
            return List.of();
        }
        MethodReader methods = new MethodReader(problems);
        return texts.stream().filter(methods::isMethod).map(LocatedJson.Text::text).toList();
    }

    /// Empty for `*` alone, which the IR calls every header that is asked for.
    private static List<String> headers(FieldReader reader, String name) {
        List<LocatedJson.Text> texts = reader.texts(name, "a header's name");
        if (isStar(texts) && name.equals("headers")) {
            return List.of();
        }
        List<String> headers = new ArrayList<>();
        for (LocatedJson.Text text : texts) {
            if (HeaderReader.isToken(text.text())) {
                headers.add(text.text());
            } else {
                reader.wrongValue(text, name, "a header's name");
            }
        }
        return headers;
    }

    private static boolean isStar(List<LocatedJson.Text> texts) {
        return texts.size() == 1 && texts.getFirst().text().equals("*");
    }

    private static long maxAge(FieldReader reader) {
        return reader.integer("max_age_s", new FieldReader.Range(0, Integer.MAX_VALUE), 0);
    }
}
