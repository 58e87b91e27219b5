package io.mimicore.config;

import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.HeaderTemplate;
import io.mimicore.ir.TextTemplate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads a `headers` map whose values are templates.
final class HeaderReader {
    /// RFC 9110 §5.6.2.
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    // Framing and the connection belong to the transport (RFC 9110 §7.6.1, RFC 9112 §6).
    private static final Set<String> FRAMING =
            Set.of(
                    "connection",
                    "content-length",
                    "keep-alive",
                    "proxy-connection",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade");
    private static final Set<String> WRITTEN_BY_NODE =
            Set.of("date", "x-request-id", "x-mimicore-version");

    private final Problems problems;
    private final TemplateReader templates;

    HeaderReader(Problems problems, TemplateReader templates) {
        this.problems = problems;
        this.templates = templates;
    }

    /// Whether a text can be a header's or a method's name.
    static boolean isToken(String text) {
        return TOKEN.matcher(text).matches();
    }

    /// Headers of a response.
    List<HeaderTemplate> response(LocatedJson.@Nullable Fields headers) {
        return read(headers, true);
    }

    /// Headers of a request to an upstream.
    List<HeaderTemplate> request(LocatedJson.@Nullable Fields headers) {
        return read(headers, false);
    }

    private List<HeaderTemplate> read(LocatedJson.@Nullable Fields headers, boolean isResponse) {
        List<HeaderTemplate> read = new ArrayList<>();
        if (headers == null) {
            return read;
        }
        Map<String, LocatedJson.Member> seen = new HashMap<>();
        for (LocatedJson.Member member : headers.members()) {
            LocatedJson.Member first =
                    seen.putIfAbsent(member.name().toLowerCase(Locale.ROOT), member);
            if (first != null) {
                duplicate(member, first);
            } else if (isName(member, isResponse)) {
                readValues(member, read);
            }
        }
        return read;
    }

    private void readValues(LocatedJson.Member member, List<HeaderTemplate> read) {
        if (member.value() instanceof LocatedJson.Array array) {
            array.elements().forEach(element -> readValue(member.name(), element, read));
        } else {
            readValue(member.name(), member.value(), read);
        }
    }

    private void readValue(String name, LocatedJson value, List<HeaderTemplate> read) {
        if (!(value instanceof LocatedJson.Text text)) {
            problems.error(
                    value,
                    DiagnosticCode.FIELD_TYPE,
                    name + ": " + value.shown() + " (expected: a string, or a list of strings)",
                    value instanceof LocatedJson.Number || value instanceof LocatedJson.Bool
                            ? "write it in quotes"
                            : "");
            return;
        }
        TextTemplate template = templates.text(text);
        for (TextTemplate.Part part : template.parts()) {
            if (part instanceof TextTemplate.Literal literal && isControlled(literal.text())) {
                problems.error(
                        text,
                        DiagnosticCode.FIELD_VALUE,
                        name + ": " + text.shown() + " (expected: no control characters)",
                        "a header's value is one line (RFC 9110 §5.5)");
                return;
            }
        }
        read.add(new HeaderTemplate(name, template));
    }

    private boolean isName(LocatedJson.Member member, boolean isResponse) {
        String name = member.name();
        String folded = name.toLowerCase(Locale.ROOT);
        if (!isToken(name)) {
            wrongName(member, "a header's name", "letters, digits and - (RFC 9110 §5.1)");
            return false;
        }
        if (FRAMING.contains(folded)) {
            wrongName(
                    member,
                    "a header that configs may set",
                    "it belongs to the connection, not to the message; leave it out");
            return false;
        }
        if (isResponse && WRITTEN_BY_NODE.contains(folded)) {
            wrongName(
                    member,
                    "a header that configs may set",
                    "every response has its own " + name + "; leave it out");
            return false;
        }
        return true;
    }

    private void wrongName(LocatedJson.Member member, String expected, String hint) {
        problems.error(
                member.nameOffset(),
                member.value().pointer(),
                DiagnosticCode.FIELD_VALUE,
                "header: " + CanonicalJson.quote(member.name()) + " (expected: " + expected + ")",
                hint);
    }

    private void duplicate(LocatedJson.Member member, LocatedJson.Member first) {
        problems.error(
                member.nameOffset(),
                member.value().pointer(),
                DiagnosticCode.DUPLICATE,
                "header: " + member.name() + " (expected: once, whatever its case)",
                "line "
                        + problems.source().line(first.nameOffset())
                        + " has it already; several values are written as a list");
    }

    private static boolean isControlled(String text) {
        return text.chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7f);
    }
}
