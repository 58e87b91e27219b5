package io.mimicore.config;

import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.TextTemplate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// Checks the literal parts of URLs that requests are sent to.
final class UrlCheck {
    private static final Pattern SCHEME = Pattern.compile("(?i)https?://");
    private static final Pattern HOST = Pattern.compile("(?i)[a-z0-9_.-]+|\\[[0-9a-f:.]+]");
    private static final int PORT_MAX = 65_535;

    private final Problems problems;

    UrlCheck(Problems problems) {
        this.problems = problems;
    }

    /// Whether a template begins like an absolute `http` or `https` URL; reported if not. Only the
    /// scheme must be literal.
    ///
    /// @param compiled `url` as a template
    boolean check(LocatedJson.Text url, TextTemplate compiled) {
        String text = url.text();
        var scheme = SCHEME.matcher(text);
        if (!scheme.lookingAt()) {
            return wrong(
                    url,
                    "http:// or https:// and a host",
                    text.startsWith("{{") ? "the scheme stands outside the template" : "");
        }
        if (compiled.parts().stream().anyMatch(UrlCheck::isBroken)) {
            return wrong(url, "no spaces and no control characters", "write a space as %20");
        }
        if (compiled.parts().stream().anyMatch(part -> has(part, '#'))) {
            return wrong(url, "no fragment", "the part after # is never sent; leave it out");
        }
        int end = authorityEnd(text, scheme.end());
        return checkAuthority(url, text.substring(scheme.end(), end));
    }

    private boolean checkAuthority(LocatedJson.Text url, String authority) {
        if (authority.contains("@") && !isQuoted(authority)) {
            return wrong(url, "no user and password", "send them in the header Authorization");
        }
        if (authority.contains("{{")) {
            return true;
        }
        int colon = authority.lastIndexOf(':');
        boolean hasPort = colon > authority.lastIndexOf(']');
        String host = hasPort ? authority.substring(0, colon) : authority;
        if (!HOST.matcher(host).matches()) {
            return wrong(url, "http:// or https:// and a host", "");
        }
        return !hasPort
                || isPort(authority.substring(colon + 1))
                || wrong(url, "a port of 1.." + PORT_MAX, "");
    }

    /// Whether a text is a URL to put request paths behind; reported if not.
    boolean checkBase(LocatedJson.Text url) {
        if (url.text().contains("{{")) {
            return wrong(url, "a URL without templates", "");
        }
        if (url.text().indexOf('?') >= 0) {
            return wrong(url, "no query", "the request brings its own");
        }
        return check(url, TextTemplate.of(url.text()));
    }

    private static boolean isPort(String digits) {
        return digits.matches("[0-9]{1,5}")
                && Integer.parseInt(digits) >= 1
                && Integer.parseInt(digits) <= PORT_MAX;
    }

    private static int authorityEnd(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            if ("/?#".indexOf(text.charAt(i)) >= 0 && !isInTemplate(text, i)) {
                return i;
            }
        }
        return text.length();
    }

    private static boolean isBroken(TextTemplate.Part part) {
        return part instanceof TextTemplate.Literal(String text)
                && text.chars().anyMatch(c -> c <= ' ' || c == 0x7f);
    }

    private static boolean has(TextTemplate.Part part, char c) {
        return part instanceof TextTemplate.Literal(String text) && text.indexOf(c) >= 0;
    }

    /// Whether every `@` stands in a template, as a text there may.
    private static boolean isQuoted(String authority) {
        return IntStream.range(0, authority.length())
                .filter(i -> authority.charAt(i) == '@')
                .allMatch(i -> isInTemplate(authority, i));
    }

    private static boolean isInTemplate(String text, int at) {
        int open = text.lastIndexOf("{{", at);
        return open >= 0 && text.indexOf("}}", open) >= at;
    }

    private boolean wrong(LocatedJson.Text url, String expected, String hint) {
        problems.error(
                url,
                DiagnosticCode.FIELD_VALUE,
                url.pointer().token() + ": " + url.shown() + " (expected: " + expected + ")",
                hint);
        return false;
    }
}
