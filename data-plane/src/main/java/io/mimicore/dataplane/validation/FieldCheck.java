package io.mimicore.dataplane.validation;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.mimicore.dataplane.problem.Violation;
import io.mimicore.dataplane.problem.Violation.Location;
import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.Validation.FieldRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Checks the text of one header or query parameter. Immutable.
final class FieldCheck {
    private static final Pattern NUMBER =
            Pattern.compile("[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?");

    private final Location in;
    private final FieldRule rule;
    private final @Nullable Pattern pattern;

    private FieldCheck(Location in, FieldRule rule, @Nullable Pattern pattern) {
        this.in = in;
        this.rule = rule;
        this.pattern = pattern;
    }

    /// @param problems gets a pattern that is none
    static FieldCheck of(Location in, FieldRule rule, List<RuleProblem> problems) {
        Pattern pattern = null;
        if (rule.pattern() != null) {
            try {
                pattern = Pattern.compile(rule.pattern());
            } catch (PatternSyntaxException e) {
                problems.add(
                        new RuleProblem(
                                DiagnosticCode.PATTERN_SYNTAX,
                                rule.name()
                                        + ": "
                                        + rule.pattern()
                                        + " (expected: RE2 syntax; "
                                        + e.getMessage()
                                        + ")"));
            }
        }
        return new FieldCheck(in, rule, pattern);
    }

    String name() {
        return rule.name();
    }

    /// @param text `null` when the request has none
    void check(@Nullable String text, List<Violation> violations) {
        if (text == null) {
            if (rule.required()) {
                add("required", "missing (expected: present)", violations);
            }
            return;
        }
        if (pattern != null && !pattern.matcher(text).find()) {
            add("pattern", "no match (expected: " + pattern.pattern() + ")", violations);
        }
        if (rule.min() != null || rule.max() != null) {
            checkRange(text, violations);
        }
    }

    private void checkRange(String text, List<Violation> violations) {
        if (!NUMBER.matches(text)) {
            add("type", "not a number (expected: a decimal number)", violations);
            return;
        }
        double value = Double.parseDouble(text);
        if (rule.min() != null && value < rule.min()) {
            add("min", "too small (expected: >= " + rule.min() + ")", violations);
        }
        if (rule.max() != null && value > rule.max()) {
            add("max", "too large (expected: <= " + rule.max() + ")", violations);
        }
    }

    private void add(String code, String message, List<Violation> violations) {
        violations.add(Violation.of(in, rule.name(), code, message));
    }
}
