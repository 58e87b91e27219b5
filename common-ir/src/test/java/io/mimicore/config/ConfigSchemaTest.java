package io.mimicore.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.diagnostics.DiagnosticCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Holds `docs/config.schema.json` against the reader: both accept the same files, as far as a
/// schema can tell.
class ConfigSchemaTest {
    static final Path SCHEMA = Path.of("../docs/config.schema.json");

    /// Codes of problems that a JSON Schema cannot express, or only in part.
    private static final Set<DiagnosticCode> INEXPRESSIBLE =
            EnumSet.complementOf(
                    EnumSet.of(
                            DiagnosticCode.FIELD_UNKNOWN,
                            DiagnosticCode.FIELD_MISSING,
                            DiagnosticCode.FIELD_TYPE,
                            DiagnosticCode.FIELD_VALUE));

    /// Beginnings of messages about values that depend on other values, on letters' case folded or
    /// on what stands outside a template.
    private static final List<String> INEXPRESSIBLE_VALUES =
            List.of(
                    "default: ",
                    "file: ",
                    "min: ",
                    "min_instances: ",
                    "url: ",
                    "variable: ",
                    "X-Line: ");

    private static final String TEXT = text();

    static List<GoldenCase> cases() {
        return GoldenCase.all().stream().filter(ConfigSchemaTest::isJson).toList();
    }

    @Test
    void schema_againstItsMetaSchema_isValid() {
        Schema meta =
                registry()
                        .getSchema(
                                SchemaLocation.of(
                                        SpecificationVersion.DRAFT_2020_12.getDialectId()));

        assertThat(meta.validate(TEXT, InputFormat.JSON)).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void file_thatTheReaderAccepts_isValid(GoldenCase golden) {
        if (hasErrors(golden)) {
            return;
        }

        assertThat(
                        registry()
                                .getSchema(TEXT, InputFormat.JSON)
                                .validate(json(golden), InputFormat.JSON))
                .as(golden.name())
                .isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void file_thatTheReaderRefuses_isInvalidAtTheSamePlaces(GoldenCase golden) {
        List<Diagnostic> expressible =
                diagnostics(golden).stream().filter(ConfigSchemaTest::isExpressible).toList();
        Set<String> places = violationPlaces(golden);

        assertThat(expressible)
                .as(golden.name() + ", violations at " + places)
                .allSatisfy(diagnostic -> {
                    String pointer = diagnostic.place().pointer();
                    // The schema blames the object for a name that none of its members may have.
                    boolean isName =
                            diagnostic.message().startsWith("header: ")
                                    || diagnostic.message().startsWith("name: \"\"");
                    assertThat(places).contains(isName ? parent(pointer) : pointer);
                });
    }

    @ParameterizedTest
    @EnumSource(FormatObject.class)
    void objects_ofSchemaAndReader_haveTheSameFields(FormatObject format) {
        LocatedJson.Fields definition = definition(format.name().toLowerCase(Locale.ROOT));
        Set<String> properties = new TreeSet<>();
        if (definition.find("properties") instanceof LocatedJson.Fields fields) {
            fields.members().forEach(member -> properties.add(member.name()));
        }
        Set<String> expected = new TreeSet<>(format.fields());
        // `extract` and the like are maps; every object of the format may be described.
        expected.add("description");

        assertThat(properties).isEqualTo(expected);
    }

    static LocatedJson.Fields definition(String name) {
        SourceText source = new SourceText("config.schema.json", TEXT);
        if (LocatedJsonParser.parse(source, new Problems(source)).root()
                        instanceof LocatedJson.Fields root
                && root.find("$defs") instanceof LocatedJson.Fields definitions
                && definitions.find(name) instanceof LocatedJson.Fields definition) {
            return definition;
        }
        throw new AssertionError("$defs: no " + name);
    }

    private static boolean isExpressible(Diagnostic diagnostic) {
        return diagnostic.isError()
                && !INEXPRESSIBLE.contains(diagnostic.code())
                && INEXPRESSIBLE_VALUES.stream().noneMatch(diagnostic.message()::startsWith);
    }

    /// Where the schema of the file's version, v1 or v2, finds something wrong.
    private static Set<String> violationPlaces(GoldenCase golden) {
        String json = json(golden);
        String version = json.stripLeading().startsWith("[") ? "v1" : "api";
        String only =
                TEXT.replaceFirst(
                        "\"oneOf\": \\[[^]]*]", "\"\\$ref\": \"#/\\$defs/" + version + "\"");
        assertThat(only).isNotEqualTo(TEXT);
        Set<String> places = new TreeSet<>();
        for (Error error :
                registry().getSchema(only, InputFormat.JSON).validate(json, InputFormat.JSON)) {
            places.add(error.getInstanceLocation().toString());
            if (error.getProperty() != null) {
                places.add(error.getInstanceLocation() + "/" + error.getProperty());
            }
        }
        return places;
    }

    private static boolean isJson(GoldenCase golden) {
        SourceText source = new SourceText(golden.name(), json(golden));
        Problems problems = new Problems(source);
        return LocatedJsonParser.parse(source, problems).root() != null
                && problems.errors() == 0
                && golden.file().content().length <= ConfigFile.BYTES_MAX;
    }

    private static boolean hasErrors(GoldenCase golden) {
        return diagnostics(golden).stream().anyMatch(Diagnostic::isError);
    }

    /// What the reader finds without looking at the code.
    private static List<Diagnostic> diagnostics(GoldenCase golden) {
        return new ArrayList<>(ConfigReader.read(golden.file()).diagnostics());
    }

    private static String json(GoldenCase golden) {
        return new String(golden.file().content(), StandardCharsets.UTF_8);
    }

    private static String parent(String pointer) {
        int slash = pointer.lastIndexOf('/');
        return slash < 0 ? "" : pointer.substring(0, slash);
    }

    private static SchemaRegistry registry() {
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    }

    private static String text() {
        try {
            return Files.readString(SCHEMA);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
