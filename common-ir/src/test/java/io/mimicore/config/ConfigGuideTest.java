package io.mimicore.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.Digest;
import io.mimicore.ir.Filter;
import io.mimicore.ir.FunctionSignature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Holds `docs/config-guide.md` against the reader: its examples compile, and it names every field
/// with the schema's words and default, every code and every filter.
class ConfigGuideTest {
    private static final String GUIDE = text();

    /// Fenced JSON: a whole file, or members `api` or `route` of one.
    private static final Pattern EXAMPLE =
            Pattern.compile("```json( api| route)?\\n(.*?)```", Pattern.DOTALL);

    /// What the code of the examples exports.
    private static final List<FunctionSignature> FUNCTIONS =
            List.of(
                    GoldenCase.function("double(uint64) uint64"),
                    GoldenCase.function("greet json(Person) value error"));

    static List<String> examples() {
        List<String> examples = new ArrayList<>();
        Matcher matcher = EXAMPLE.matcher(GUIDE);
        while (matcher.find()) {
            examples.add(whole(matcher.group(1), matcher.group(2)));
        }
        return examples;
    }

    @Test
    void guide_hasExamplesOfEveryKind() {
        assertThat(examples()).hasSizeGreaterThan(15);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void example_compiled_isRightWithoutWarning(String example) {
        ReadOutcome outcome =
                ConfigReader.read(new ConfigFile("example.json", example.getBytes(UTF_8)));
        assertThat(outcome.diagnostics()).isEmpty();
        ConfigDocument document = ((ReadOutcome.Read) outcome).document();
        CodeState code =
                document.code() == null
                        ? new CodeState.NoCode()
                        : new CodeState.Built(Digest.of(new byte[0]), FUNCTIONS);

        CompileOutcome compiled =
                ConfigCompiler.compile(document, code, EnumSet.allOf(Feature.class));

        assertThat(compiled.diagnostics()).isEmpty();
        assertThat(compiled).isInstanceOf(CompileOutcome.Compiled.class);
    }

    @ParameterizedTest
    @EnumSource(FormatObject.class)
    void fields_ofEveryObject_standInTheGuideAsInTheSchema(FormatObject format) {
        LocatedJson.Fields definition =
                ConfigSchemaTest.definition(format.name().toLowerCase(Locale.ROOT));
        assertThat(definition.find("properties")).isInstanceOf(LocatedJson.Fields.class);
        LocatedJson.Fields properties = (LocatedJson.Fields) definition.find("properties");
        for (String field : format.fields()) {
            if (!field.equals("extract") && !field.equals("http") && !field.equals("wasm")) {
                assertThat(GUIDE.lines())
                        .as(field)
                        .anyMatch(line -> isRow(line, field, properties));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DiagnosticCode.class)
    void code_standsInTheGuide(DiagnosticCode code) {
        assertThat(GUIDE).contains("| `" + code + "` | ");
    }

    @ParameterizedTest
    @EnumSource(Filter.class)
    void filter_standsInTheGuide(Filter filter) {
        assertThat(GUIDE).containsPattern("\\| `" + filter.filterName() + "[`(]");
    }

    private static boolean isRow(String line, String field, LocatedJson.Fields properties) {
        if (!(properties.find(field) instanceof LocatedJson.Fields property)
                || !(property.find("description") instanceof LocatedJson.Text description)) {
            return false;
        }
        LocatedJson fallback = property.find("default");
        return line.startsWith("| `" + field + "` | ")
                && line.endsWith(" | " + description.text() + " |")
                && (fallback == null
                        || line.contains("| `" + CanonicalJson.write(fallback) + "` |"));
    }

    private static String whole(String kind, String example) {
        return switch (kind) {
            case null -> example;
            case " api" ->
                    "{ \"api\": \"example\", \"version\": \"v2\", \"routes\": [],\n"
                            + example
                            + "}";
            default ->
                    """
                    { "api": "example", "version": "v2", "user_code": { "inline_source": "package main" },
                      "routes": [ { "method": "POST", "path": "/",
                    """
                            + example
                            + "} ] }";
        };
    }

    private static String text() {
        try {
            return Files.readString(Path.of("../docs/config-guide.md"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
