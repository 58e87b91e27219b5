package io.mimicore.config;

import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.Validation.BodySchema;
import io.mimicore.ir.Validation.Dialect;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Checks a JSON Schema that an author wrote, so that a node can rely on it: it is valid against
/// its draft's meta-schema, all its references lead to places inside it, and its patterns are
/// regular expressions.
final class SchemaChecker {
    private final Problems problems;

    SchemaChecker(Problems problems) {
        this.problems = problems;
    }

    /// The schema; absent when it is wrong, which is reported.
    @Nullable BodySchema check(LocatedJson schema) {
        if (!(schema instanceof LocatedJson.Fields) && !(schema instanceof LocatedJson.Bool)) {
            problems.error(
                    schema,
                    DiagnosticCode.FIELD_TYPE,
                    "schema: " + schema.shown() + " (expected: a JSON Schema, an object)",
                    "");
            return null;
        }
        Dialect dialect = dialect(schema);
        if (dialect == null) {
            return null;
        }
        int before = problems.errors();
        String json = CanonicalJson.write(schema);
        if (schema instanceof LocatedJson.Bool) {
            return booleanSchema(schema, dialect);
        }
        Map<String, LocatedJson> places = new HashMap<>();
        index(schema, "", places);
        SchemaDialect.violations(dialect, json)
                .forEach((pointer, message) ->
                        invalid(
                                label(pointer, places),
                                places.getOrDefault(pointer, schema),
                                message));
        new SchemaReferences(problems, dialect).check(schema);
        if (problems.errors() == before) {
            String error = SchemaDialect.compileError(dialect, json);
            if (error != null) {
                invalid(schema.pointer().token(), schema, error);
            }
        }
        return problems.errors() == before ? new BodySchema(dialect, json) : null;
    }

    private static BodySchema booleanSchema(LocatedJson schema, Dialect dialect) {
        return new BodySchema(dialect, CanonicalJson.write(schema));
    }

    private @Nullable Dialect dialect(LocatedJson schema) {
        LocatedJson named =
                schema instanceof LocatedJson.Fields fields ? fields.find("$schema") : null;
        if (named == null) {
            return Dialect.DRAFT_2020_12;
        }
        Dialect dialect =
                named instanceof LocatedJson.Text text ? SchemaDialect.named(text.text()) : null;
        if (dialect == null) {
            problems.error(
                    named,
                    DiagnosticCode.SCHEMA_INVALID,
                    "$schema: " + named.shown() + " (expected: a draft from 4 to 2020-12)",
                    "one of " + String.join(", ", SchemaDialect.uris()));
        }
        return dialect;
    }

    /// `type`, or `type[1]` for an element of a list.
    private static String label(String pointer, Map<String, LocatedJson> places) {
        int slash = pointer.lastIndexOf('/');
        LocatedJson at = places.get(pointer);
        if (at == null || slash < 0) {
            return "schema";
        }
        LocatedJson parent = places.get(pointer.substring(0, slash));
        return parent instanceof LocatedJson.Array
                ? parent.pointer().token() + "[" + at.pointer().token() + "]"
                : at.pointer().token();
    }

    private void invalid(String name, LocatedJson at, String message) {
        problems.error(
                at,
                DiagnosticCode.SCHEMA_INVALID,
                name + ": " + at.shown() + " (expected: valid JSON Schema; " + message + ")",
                "");
    }

    private static void index(LocatedJson value, String pointer, Map<String, LocatedJson> places) {
        places.put(pointer, value);
        switch (value) {
            case LocatedJson.Array array -> {
                for (int i = 0; i < array.elements().size(); i++) {
                    index(array.elements().get(i), pointer + "/" + i, places);
                }
            }
            case LocatedJson.Fields fields -> {
                for (LocatedJson.Member member : fields.members()) {
                    String token = member.name().replace("~", "~0").replace("/", "~1");
                    index(member.value(), pointer + "/" + token, places);
                }
            }
            case LocatedJson.Null _,
                    LocatedJson.Bool _,
                    LocatedJson.Number _,
                    LocatedJson.Text _ -> {}
        }
    }
}
