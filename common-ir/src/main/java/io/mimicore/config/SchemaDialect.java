package io.mimicore.config;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import io.mimicore.ir.Validation.Dialect;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Knows the drafts of JSON Schema: their names and what their meta-schemas allow. Thread-safe.
///
/// Meta-schemas come with the library; nothing is ever fetched.
final class SchemaDialect {
    private static final Map<String, Dialect> BY_URI = byUri();

    // The registries load a meta-schema at its first use and keep it.
    private static final Map<Dialect, SchemaRegistry> META = registries();

    // Patterns have been checked by then, against the engines that nodes use.
    private static final SchemaRegistryConfig WITHOUT_PATTERNS =
            SchemaRegistryConfig.builder().regularExpressionFactory(_ -> _ -> true).build();

    private SchemaDialect() {}

    /// The draft that `$schema` names; absent: none that is known.
    static @Nullable Dialect named(String uri) {
        return BY_URI.get(plain(uri));
    }

    /// Whether a reference leads to a meta-schema.
    static boolean isMetaSchema(String uri) {
        return BY_URI.containsKey(plain(uri));
    }

    /// The meta-schemas' URIs, newest last.
    static List<String> uris() {
        return List.copyOf(BY_URI.keySet());
    }

    /// What the draft's meta-schema finds wrong, as messages by JSON Pointer into the schema; one
    /// for each place.
    static Map<String, String> violations(Dialect dialect, String schema) {
        SpecificationVersion version = version(dialect);
        Map<String, String> violations = new LinkedHashMap<>();
        for (Error error :
                registry(dialect)
                        .getSchema(SchemaLocation.of(version.getDialectId()))
                        .validate(schema, InputFormat.JSON)) {
            violations.putIfAbsent(error.getInstanceLocation().toString(), error.getMessage());
        }
        return violations;
    }

    /// What keeps a schema that its meta-schema allows from being used; absent: nothing.
    static @Nullable String compileError(Dialect dialect, String schema) {
        try {
            SchemaRegistry.withDefaultDialect(
                            version(dialect),
                            registry -> registry.schemaRegistryConfig(WITHOUT_PATTERNS))
                    .getSchema(schema, InputFormat.JSON)
                    .initializeValidators();
            return null;
        } catch (SchemaException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static SchemaRegistry registry(Dialect dialect) {
        SchemaRegistry registry = META.get(dialect);
        if (registry == null) {
            throw new AssertionError(dialect + " (expected: a registry for every dialect)");
        }
        return registry;
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

    private static Map<Dialect, SchemaRegistry> registries() {
        Map<Dialect, SchemaRegistry> registries = new EnumMap<>(Dialect.class);
        for (Dialect dialect : Dialect.values()) {
            registries.put(dialect, SchemaRegistry.withDefaultDialect(version(dialect)));
        }
        return registries;
    }

    private static Map<String, Dialect> byUri() {
        Map<String, Dialect> byUri = new LinkedHashMap<>();
        byUri.put("http://json-schema.org/draft-04/schema", Dialect.DRAFT_4);
        byUri.put("http://json-schema.org/draft-06/schema", Dialect.DRAFT_6);
        byUri.put("http://json-schema.org/draft-07/schema", Dialect.DRAFT_7);
        byUri.put("https://json-schema.org/draft/2019-09/schema", Dialect.DRAFT_2019_09);
        byUri.put("https://json-schema.org/draft/2020-12/schema", Dialect.DRAFT_2020_12);
        return byUri;
    }

    /// Without an empty fragment, and with the scheme that the drafts up to 7 have.
    private static String plain(String uri) {
        String plain = uri.endsWith("#") ? uri.substring(0, uri.length() - 1) : uri;
        return plain.startsWith("https://json-schema.org/draft-0")
                ? "http" + plain.substring("https".length())
                : plain;
    }
}
