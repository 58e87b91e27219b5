package io.mimicore.dataplane.validation;

import com.networknt.schema.Error;
import com.networknt.schema.ExecutionConfig;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.ValidationLimitExceededException;
import com.networknt.schema.path.PathType;
import io.mimicore.dataplane.problem.Violation;
import io.mimicore.dataplane.problem.Violation.Location;
import io.mimicore.dataplane.value.Json;
import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.Validation.BodySchema;
import io.mimicore.ir.Validation.Dialect;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Checks a JSON body against a JSON Schema (drafts 4, 6, 7, 2019-09, 2020-12). Immutable.
///
/// References lead only into the schema itself and to the meta-schemas; nothing is fetched.
/// `format` asserts where its draft says so. Messages are English, whatever the machine's locale.
final class BodyCheck {
    /// Most keywords evaluated for one body. Ours: some seconds at worst, far above real schemas.
    private static final long STEPS_MAX = 2_000_000;

    /// Deepest chain of schemas. Ours: JSON nests 100 deep, and each level may take several
    /// schemas.
    private static final int DEPTH_MAX = 500;

    private static final int MESSAGE_CHARS_MAX = 500;

    private static final ExecutionConfig EXECUTION =
            ExecutionConfig.builder()
                    .locale(Locale.ENGLISH)
                    .maxEvaluationSteps(STEPS_MAX)
                    .maxEvaluationDepth(DEPTH_MAX)
                    .build();

    private final Schema schema;

    private BodyCheck(Schema schema) {
        this.schema = schema;
    }

    /// @param problems gets why the schema cannot be used
    /// @return `null` when it cannot
    static @Nullable BodyCheck of(BodySchema source, List<RuleProblem> problems) {
        try {
            JsonNode json = Json.parse(source.json().getBytes(StandardCharsets.UTF_8));
            if (!json.isObject() && !json.isBoolean()) {
                problems.add(invalid("an object or a boolean"));
                return null;
            }
            Schema schema = registry(source.dialect()).getSchema(json);
            schema.initializeValidators();
            return new BodyCheck(schema);
        } catch (Json.SyntaxException
                | SchemaException
                | PatternSyntaxException
                | ValidationLimitExceededException e) {
            problems.add(invalid(String.valueOf(e.getMessage())));
            return null;
        }
    }

    void check(JsonNode body, List<Violation> violations) {
        try {
            List<Error> errors =
                    schema.validate(body, context -> context.setExecutionConfig(EXECUTION));
            for (Error error : errors) {
                violations.add(violation(error));
            }
        } catch (ValidationLimitExceededException | BoundedPatterns.PatternTooSlowException e) {
            violations.add(
                    Violation.of(
                            Location.BODY, "", "limit", shortened(String.valueOf(e.getMessage()))));
        }
    }

    private static Violation violation(Error error) {
        return Violation.of(
                Location.BODY,
                error.getInstanceLocation().toString(),
                String.valueOf(error.getKeyword()),
                shortened(error.getMessage()));
    }

    private static SchemaRegistry registry(Dialect dialect) {
        SchemaRegistryConfig config =
                SchemaRegistryConfig.builder()
                        .locale(Locale.ENGLISH)
                        .pathType(PathType.JSON_POINTER)
                        .regularExpressionFactory(new BoundedPatterns())
                        .build();
        return SchemaRegistry.withDefaultDialect(
                version(dialect),
                builder ->
                        builder.schemaRegistryConfig(config)
                                .schemaLoader(loader -> loader.fetchRemoteResources(false)));
    }

    private static SpecificationVersion version(Dialect dialect) {
        return switch (dialect) {
            case DRAFT_4 -> SpecificationVersion.DRAFT_4;
            case DRAFT_6 -> SpecificationVersion.DRAFT_6;
            case DRAFT_7 -> SpecificationVersion.DRAFT_7;
            case DRAFT_2019_09 -> SpecificationVersion.DRAFT_2019_09;
            case DRAFT_2020_12 -> SpecificationVersion.DRAFT_2020_12;
        };
    }

    private static RuleProblem invalid(String reason) {
        return new RuleProblem(
                DiagnosticCode.SCHEMA_INVALID, "schema: (expected: " + shortened(reason) + ")");
    }

    private static String shortened(String message) {
        return message.length() <= MESSAGE_CHARS_MAX
                ? message
                : message.substring(0, MESSAGE_CHARS_MAX) + "…";
    }
}
