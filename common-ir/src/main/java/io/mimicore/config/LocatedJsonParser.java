package io.mimicore.config;

import io.mimicore.diagnostics.DiagnosticCode;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/// Reads a file's text into a located tree.
///
/// The first error of syntax ends it; a name that comes twice, a number too long and half a
/// surrogate pair do not. Used once, by one thread.
final class LocatedJsonParser {
    /// Deepest nesting of arrays and objects.
    static final int DEPTH_MAX = 100;

    /// Longest number, in characters: the exact value of a longer one would cost more than it says.
    static final int NUMBER_CHARS_MAX = 1_000;

    // The file's size bounds everything that the parser could bound; depth is checked here, with
    // its place.
    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(DEPTH_MAX + 1)
                                    .maxStringLength(ConfigFile.BYTES_MAX)
                                    .maxNameLength(ConfigFile.BYTES_MAX)
                                    .maxNumberLength(ConfigFile.BYTES_MAX)
                                    .build())
                    .build();

    private final SourceText source;
    private final Problems problems;
    private final JsonParser parser;
    private final Deque<JsonSyntax.Open> open = new ArrayDeque<>();
    private JsonSyntax.@Nullable Last last;
    private @Nullable String api;

    private LocatedJsonParser(SourceText source, Problems problems, JsonParser parser) {
        this.source = source;
        this.problems = problems;
        this.parser = parser;
    }

    /// What could be read.
    ///
    /// @param root absent: not JSON, which is reported
    /// @param api the value of a top-level `api` as far as the file could be read
    record Parsed(@Nullable LocatedJson root, @Nullable String api) {}

    static Parsed parse(SourceText source, Problems problems) {
        try (JsonParser parser =
                FACTORY.createParser(ObjectReadContext.empty(), source.text().toCharArray())) {
            LocatedJsonParser run = new LocatedJsonParser(source, problems, parser);
            return new Parsed(run.document(), run.api);
        }
    }

    private @Nullable LocatedJson document() {
        try {
            JsonToken first = next();
            if (first == null) {
                explain();
                return null;
            }
            LocatedJson root = value(first, Pointer.ROOT);
            // Not `next`: what follows the end is the fault itself, not the last good token.
            if (root == null || parser.nextToken() == null) {
                return root;
            }
        } catch (JacksonException _) {
            // The parser's message speaks of its own features, and its place is the token's.
        }
        explain();
        return null;
    }

    private void explain() {
        JsonSyntax.Fault fault = new JsonSyntax(source.text(), open).explain(last);
        problems.error(
                fault.offset(),
                Pointer.ROOT,
                DiagnosticCode.JSON_SYNTAX,
                fault.message(),
                fault.hint());
    }

    private @Nullable JsonToken next() {
        JsonToken token = parser.nextToken();
        if (token != null) {
            // The parser puts off reading a string; only one that was read is a good token.
            parser.finishToken();
            last = new JsonSyntax.Last(offset(), token == JsonToken.PROPERTY_NAME);
        }
        return token;
    }

    private int offset() {
        return (int) parser.currentTokenLocation().getCharOffset();
    }

    /// The value that begins with `token`; absent when reading ended early, which is reported.
    private @Nullable LocatedJson value(JsonToken token, Pointer pointer) {
        int at = offset();
        return switch (token) {
            case START_OBJECT -> isTooDeep(at, pointer) ? null : fields(at, pointer);
            case START_ARRAY -> isTooDeep(at, pointer) ? null : array(at, pointer);
            case VALUE_STRING -> new LocatedJson.Text(at, pointer, whole(at, pointer));
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(at, pointer);
            case VALUE_TRUE -> new LocatedJson.Bool(at, pointer, true);
            case VALUE_FALSE -> new LocatedJson.Bool(at, pointer, false);
            case VALUE_NULL -> new LocatedJson.Null(at, pointer);
            case NOT_AVAILABLE, END_OBJECT, END_ARRAY, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT ->
                    throw new AssertionError(token + " (expected: the start of a value)");
        };
    }

    private boolean isTooDeep(int at, Pointer pointer) {
        if (open.size() < DEPTH_MAX) {
            return false;
        }
        problems.error(
                at,
                pointer,
                DiagnosticCode.JSON_TOO_DEEP,
                "nesting: deeper than " + DEPTH_MAX + " (expected: at most " + DEPTH_MAX + ")",
                "");
        return true;
    }

    private @Nullable LocatedJson array(int at, Pointer pointer) {
        open.push(new JsonSyntax.Open('[', at));
        List<LocatedJson> elements = new ArrayList<>();
        JsonToken token = next();
        while (token != null && token != JsonToken.END_ARRAY) {
            LocatedJson element = value(token, pointer.child(elements.size()));
            if (element == null) {
                return null;
            }
            elements.add(element);
            token = next();
        }
        open.pop();
        return new LocatedJson.Array(at, pointer, elements);
    }

    private @Nullable LocatedJson fields(int at, Pointer pointer) {
        open.push(new JsonSyntax.Open('{', at));
        List<LocatedJson.Member> members = new ArrayList<>();
        Map<String, Integer> firstAt = new HashMap<>();
        JsonToken token = next();
        while (token == JsonToken.PROPERTY_NAME) {
            int nameOffset = offset();
            String name = whole(nameOffset, pointer);
            JsonToken start = next();
            LocatedJson value = start == null ? null : value(start, pointer.child(name));
            if (value == null) {
                return null;
            }
            Integer first = firstAt.putIfAbsent(name, nameOffset);
            if (first == null) {
                members.add(new LocatedJson.Member(name, nameOffset, value));
                noteApi(name, value);
            } else {
                duplicate(nameOffset, value.pointer(), first);
            }
            token = next();
        }
        open.pop();
        return new LocatedJson.Fields(at, pointer, members);
    }

    private void noteApi(String name, LocatedJson value) {
        if (open.size() == 1 && name.equals("api") && value instanceof LocatedJson.Text text) {
            api = text.text();
        }
    }

    private void duplicate(int at, Pointer pointer, int first) {
        problems.error(
                at,
                pointer,
                DiagnosticCode.JSON_DUPLICATE_KEY,
                CanonicalJson.quote(pointer.token()) + ": twice in one object (expected: once)",
                "it stands in line " + source.line(first) + " already; remove one of the two");
    }

    /// The string's value; half a surrogate pair, which has no UTF-8 form, is reported.
    private String whole(int at, Pointer pointer) {
        String text = parser.getString();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
                continue;
            }
            problems.error(
                    source.offsetInside(at, i),
                    pointer,
                    DiagnosticCode.JSON_SYNTAX,
                    "escape: \\u"
                            + Integer.toHexString(c)
                            + " alone (expected: both halves of a surrogate pair)",
                    "characters beyond \\uffff are written as two escapes, or as they are");
            return "";
        }
        return text;
    }

    private LocatedJson number(int at, Pointer pointer) {
        String digits = parser.getString();
        if (digits.length() > NUMBER_CHARS_MAX) {
            problems.error(
                    at,
                    pointer,
                    DiagnosticCode.LIMIT,
                    "number: "
                            + digits.length()
                            + " characters (expected: at most "
                            + NUMBER_CHARS_MAX
                            + ")",
                    "write it as a string");
            return new LocatedJson.Number(at, pointer, "0");
        }
        return new LocatedJson.Number(at, pointer, isExact(digits, at, pointer) ? digits : "0");
    }

    private boolean isExact(String digits, int at, Pointer pointer) {
        try {
            new BigDecimal(digits);
            return true;
        } catch (NumberFormatException _) {
            problems.error(
                    at,
                    pointer,
                    DiagnosticCode.LIMIT,
                    "number: " + digits + " (expected: a smaller exponent)",
                    "write it as a string");
            return false;
        }
    }
}
