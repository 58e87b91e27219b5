package io.mimicore.config;

import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.Validation;
import io.mimicore.ir.Validation.BodySchema;
import io.mimicore.ir.Validation.FieldRule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads `validate` of a route.
final class ValidationReader {
    private final Problems problems;

    ValidationReader(Problems problems) {
        this.problems = problems;
    }

    Validation read(@Nullable FieldReader validate) {
        if (validate == null) {
            return Validation.NONE;
        }
        List<FieldRule> headers = headers(validate.fields("headers"));
        List<FieldRule> query = rules(validate.fields("query"));
        return new Validation(
                headers, query, body(validate.open("body", FormatObject.VALIDATE_BODY)));
    }

    private @Nullable BodySchema body(@Nullable FieldReader body) {
        if (body == null) {
            return null;
        }
        LocatedJson schema = body.require("schema", "a JSON Schema");
        return schema == null ? null : new SchemaChecker(problems).check(schema);
    }

    private List<FieldRule> headers(LocatedJson.@Nullable Fields headers) {
        if (headers == null) {
            return List.of();
        }
        Map<String, LocatedJson.Member> seen = new HashMap<>();
        for (LocatedJson.Member member : headers.members()) {
            LocatedJson.Member first =
                    seen.putIfAbsent(member.name().toLowerCase(Locale.ROOT), member);
            if (first != null) {
                problems.error(
                        member.nameOffset(),
                        member.value().pointer(),
                        DiagnosticCode.DUPLICATE,
                        "header: " + member.name() + " (expected: once, whatever its case)",
                        "line "
                                + problems.source().line(first.nameOffset())
                                + " has a rule for it already");
            }
            if (!HeaderReader.isToken(member.name())) {
                wrongName(member, "header", "a header's name (RFC 9110 §5.1)");
            }
        }
        return rules(headers);
    }

    private List<FieldRule> rules(LocatedJson.@Nullable Fields rules) {
        List<FieldRule> read = new ArrayList<>();
        if (rules == null) {
            return read;
        }
        for (LocatedJson.Member member : rules.members()) {
            if (member.name().isEmpty()) {
                wrongName(member, "name", "not empty");
            } else if (member.value() instanceof LocatedJson.Fields fields) {
                read.add(rule(member.name(), fields));
            } else {
                problems.error(
                        member.value(),
                        DiagnosticCode.FIELD_TYPE,
                        member.name()
                                + ": "
                                + member.value().shown()
                                + " (expected: an object with required, pattern, min or max)",
                        "");
            }
        }
        return read;
    }

    private FieldRule rule(String name, LocatedJson.Fields fields) {
        FieldReader reader = new FieldReader(fields, FormatObject.FIELD_RULE, problems);
        boolean required = reader.bool("required");
        LocatedJson.Text pattern = reader.text("pattern", "a regular expression");
        boolean isPattern = pattern != null && new Patterns(problems).check(pattern, "pattern");
        Double min = reader.number("min", "a number");
        Double max = reader.number("max", "a number");
        LocatedJson minAt = reader.find("min");
        LocatedJson maxAt = reader.find("max");
        if (min != null && max != null && minAt != null && maxAt != null && min > max) {
            reader.wrongValue(minAt, "min", "at most max, " + maxAt.shown());
            min = null;
        }
        return new FieldRule(
                name, required, isPattern && pattern != null ? pattern.text() : null, min, max);
    }

    private void wrongName(LocatedJson.Member member, String label, String expected) {
        problems.error(
                member.nameOffset(),
                member.value().pointer(),
                DiagnosticCode.FIELD_VALUE,
                label + ": " + CanonicalJson.quote(member.name()) + " (expected: " + expected + ")",
                "");
    }
}
