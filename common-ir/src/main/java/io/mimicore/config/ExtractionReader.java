package io.mimicore.config;

import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.diagnostics.Suggestions;
import io.mimicore.ir.Extraction;
import io.mimicore.ir.Extraction.ValueType;
import io.mimicore.ir.JsonValue;
import io.mimicore.ir.RequestField;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads `transform.extract`.
final class ExtractionReader {
    private static final Map<String, ValueType> TYPES = types();
    private static final BigDecimal INTEGER_MIN = BigDecimal.valueOf(Long.MIN_VALUE);
    private static final BigDecimal INTEGER_MAX = new BigDecimal(Long.toUnsignedString(-1));

    private final Problems problems;
    private final Names names;
    private final @Nullable Set<String> pathParameters;

    /// @param pathParameters absent: the route's path is wrong, so that `path.x` is not checked
    ExtractionReader(Problems problems, Names names, @Nullable Set<String> pathParameters) {
        this.problems = problems;
        this.names = names;
        this.pathParameters = pathParameters;
    }

    List<Extraction> read(LocatedJson.Fields extract) {
        List<Extraction> extractions = new ArrayList<>();
        for (LocatedJson.Member member : extract.members()) {
            if (member.value() instanceof LocatedJson.Fields fields) {
                Extraction extraction = readOne(member, fields);
                if (extraction != null) {
                    extractions.add(extraction);
                }
            } else if (!FormatObject.isIgnored(member.name())) {
                names.markIncomplete();
                problems.error(
                        member.value(),
                        DiagnosticCode.FIELD_TYPE,
                        member.name()
                                + ": "
                                + member.value().shown()
                                + " (expected: an object with `from`)",
                        member.value() instanceof LocatedJson.Text text
                                ? "write {\"from\": " + text.shown() + "}"
                                : "");
            }
        }
        return extractions;
    }

    private @Nullable Extraction readOne(LocatedJson.Member member, LocatedJson.Fields fields) {
        FieldReader reader = new FieldReader(fields, FormatObject.EXTRACTION, problems);
        LocatedJson.Text as = reader.text("as", "the variable's name");
        String variable = as == null ? member.name() : as.text();
        int slot =
                as == null
                        ? names.define(variable, "variable", member.nameOffset(), fields.pointer())
                        : names.define(variable, "as", as.offset(), as.pointer());
        RequestPart.Found source = source(reader);
        ValueType type = type(reader, source);
        JsonValue fallback = fallback(reader.find("default"), type);
        if (source == null || variable.isEmpty()) {
            return null;
        }
        return new Extraction(slot, variable, source.field(), source.steps(), type, fallback);
    }

    private RequestPart.@Nullable Found source(FieldReader reader) {
        String expected = "path.x, query.x, header.X, cookie.x, body or body.a.b[0]";
        LocatedJson.Text from = reader.requireText("from", expected);
        if (from == null) {
            return null;
        }
        return switch (RequestPart.parse(from.text())) {
            case RequestPart.Wrong wrong -> {
                problems.errorInside(
                        from,
                        wrong.offset(),
                        DiagnosticCode.SOURCE_SYNTAX,
                        new Problems.Wording(
                                "from: " + from.shown() + " (expected: " + wrong.expected() + ")",
                                wrong.hint()));
                yield null;
            }
            case RequestPart.Found found -> isInPath(from, found) ? found : null;
        };
    }

    private boolean isInPath(LocatedJson.Text from, RequestPart.Found found) {
        if (!(found.field() instanceof RequestField.PathParameter parameter)
                || pathParameters == null
                || pathParameters.contains(parameter.name())) {
            return true;
        }
        String hint =
                Suggestions.closest(parameter.name(), pathParameters)
                        .map(near -> "did you mean path." + near + "?")
                        .orElse(
                                pathParameters.isEmpty()
                                        ? "the route's path has no parameters"
                                        : "parameters of the path: "
                                                + String.join(
                                                        ", ",
                                                        pathParameters.stream().sorted().toList()));
        problems.errorInside(
                from,
                "path.".length(),
                DiagnosticCode.NAME_UNKNOWN,
                new Problems.Wording(
                        "from: " + from.shown() + " (expected: a parameter of the route's path)",
                        hint));
        return false;
    }

    private static ValueType type(FieldReader reader, RequestPart.@Nullable Found source) {
        LocatedJson.Text type = reader.word("type", List.copyOf(TYPES.keySet()));
        ValueType named = type == null ? null : TYPES.get(type.text());
        if (named != null) {
            return named;
        }
        // A value of a JSON body is already of a type; keep it unless the author asks for another.
        return source != null && !source.steps().isEmpty() ? ValueType.JSON : ValueType.STRING;
    }

    private @Nullable JsonValue fallback(@Nullable LocatedJson value, ValueType type) {
        if (value == null) {
            return null;
        }
        JsonValue converted = convert(value, type);
        if (converted == null) {
            problems.error(
                    value,
                    DiagnosticCode.FIELD_VALUE,
                    "default: " + value.shown() + " (expected: " + expected(type) + ")",
                    "it must be of the extraction's type");
        }
        return converted;
    }

    /// `null` is a value of every type; a text is converted as one of the request would be.
    private static @Nullable JsonValue convert(LocatedJson value, ValueType type) {
        if (type == ValueType.JSON || value instanceof LocatedJson.Null) {
            return value.value();
        }
        String text =
                switch (value) {
                    case LocatedJson.Text scalar -> scalar.text();
                    case LocatedJson.Number scalar -> scalar.digits();
                    case LocatedJson.Bool scalar -> scalar.shown();
                    case LocatedJson.Array _, LocatedJson.Fields _, LocatedJson.Null _ -> null;
                };
        if (text == null) {
            return null;
        }
        return switch (type) {
            case STRING -> new JsonValue.JsonText(text);
            case BOOLEAN ->
                    text.equals("true") || text.equals("false")
                            ? new JsonValue.JsonBool(text.equals("true"))
                            : null;
            case INTEGER -> integer(text);
            case FLOAT -> isDecimal(text) ? new JsonValue.JsonNumber(text) : null;
            case JSON -> value.value();
        };
    }

    private static @Nullable JsonValue integer(String text) {
        if (!isDecimal(text)) {
            return null;
        }
        BigDecimal number = new BigDecimal(text);
        if (number.compareTo(INTEGER_MIN) < 0
                || number.compareTo(INTEGER_MAX) > 0
                || number.stripTrailingZeros().scale() > 0) {
            return null;
        }
        return new JsonValue.JsonNumber(number.toBigInteger().toString());
    }

    private static boolean isDecimal(String text) {
        return text.matches("-?(0|[1-9][0-9]{0,99})(\\.[0-9]{1,99})?([eE][-+]?[0-9]{1,3})?")
                && Double.isFinite(Double.parseDouble(text));
    }

    private static String expected(ValueType type) {
        return switch (type) {
            case STRING -> "a string";
            case INTEGER -> "an integer of 64 bits";
            case FLOAT -> "a number";
            case BOOLEAN -> "true or false";
            case JSON -> "a JSON value";
        };
    }

    private static Map<String, ValueType> types() {
        Map<String, ValueType> types = new LinkedHashMap<>();
        types.put("string", ValueType.STRING);
        types.put("int", ValueType.INTEGER);
        types.put("float", ValueType.FLOAT);
        types.put("bool", ValueType.BOOLEAN);
        types.put("json", ValueType.JSON);
        return types;
    }
}
