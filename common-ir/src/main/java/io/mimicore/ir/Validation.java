package io.mimicore.ir;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a request must look like. A failure is 400 with every violation.
///
/// @param body absent: the body is not checked
public record Validation(
        List<FieldRule> headers, List<FieldRule> query, @Nullable BodySchema body) {
    /// Accepts everything.
    public static final Validation NONE = new Validation(List.of(), List.of(), null);

    public Validation {
        headers = List.copyOf(headers);
        query = List.copyOf(query);
    }

    /// A rule for one header or query parameter.
    ///
    /// @param pattern RE2 syntax, found anywhere unless anchored; absent: any text
    /// @param min smallest number, inclusive; absent: none
    /// @param max largest number, inclusive; absent: none
    public record FieldRule(
            String name,
            boolean required,
            @Nullable String pattern,
            @Nullable Double min,
            @Nullable Double max) {
        public FieldRule {
            if (name.isEmpty()) {
                throw new IllegalArgumentException("name: \"\" (expected: not empty)");
            }
            if ((min != null && min.isNaN()) || (max != null && max.isNaN())) {
                throw new IllegalArgumentException("min, max: NaN (expected: a number)");
            }
            if (min != null && max != null && min > max) {
                throw new IllegalArgumentException(
                        "min: " + min + " (expected: <= max " + max + ")");
            }
        }
    }

    /// A JSON Schema for the body.
    ///
    /// @param dialect the draft whose rules apply
    /// @param json the schema's text
    public record BodySchema(Dialect dialect, String json) {
        public BodySchema {
            requireNonNull(dialect, "dialect");
            requireNonNull(json, "json");
        }
    }

    /// JSON Schema drafts, by the year or number in their meta-schema's URI.
    public enum Dialect {
        DRAFT_4,
        DRAFT_6,
        DRAFT_7,
        DRAFT_2019_09,
        DRAFT_2020_12
    }
}
