package io.mimicore.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.diagnostics.Place;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Every byte of a Go source, however JSON escapes it, against a reference that looks for the
/// escape by its own way.
class GoPlacesTest {
    private static final String GO =
            "package main\n\tx := \"é\\\\n😀\"\r\n// \u0001 / \u2028\n\n日本 := 1";

    @ParameterizedTest
    @ValueSource(strings = {"shortest", "unicode", "slash"})
    void place_ofEveryCharacter_isWhereItsEscapeBegins(String style) {
        StringBuilder literal = new StringBuilder("\"");
        int[] starts = new int[GO.length() + 1];
        for (int i = 0; i < GO.length(); i++) {
            starts[i] = literal.length();
            literal.append(escape(GO.charAt(i), style));
        }
        starts[GO.length()] = literal.length();
        literal.append('"');
        String json = "{\n \"c\": " + literal + "}";
        int literalOffset = json.indexOf(literal.toString());
        SourceText source = new SourceText("a.json", json);
        LocatedJson.Text text = text(source);
        assertThat(text.text()).isEqualTo(GO);
        GoPlaces places = new GoPlaces(source, text);

        int line = 1;
        int lineStart = 0;
        for (int i = 0; i < GO.length(); i += Character.charCount(GO.codePointAt(i))) {
            int column = utf8Length(GO.substring(lineStart, i)) + 1;
            int expected = literalOffset + starts[i];
            assertThat(places.place(line, column))
                    .as("character " + i)
                    .isEqualTo(new Place("a.json", 2, expected - json.indexOf('\n'), "/c", line));
            assertThat(source.decodedOffset(literalOffset, expected)).isEqualTo(i);
            if (GO.charAt(i) == '\n') {
                line++;
                lineStart = i + 1;
            }
        }
    }

    @Test
    void place_inTheMiddleOfACharacter_isTheCharacter() {
        GoPlaces places = placesOf("é😀x");

        assertThat(places.place(1, 2)).isEqualTo(places.place(1, 1));
        assertThat(places.place(1, 5)).isEqualTo(places.place(1, 3));
        assertThat(places.place(1, 7).column()).isEqualTo(places.place(1, 3).column() + 2);
    }

    @Test
    void place_withoutLineOrBeyondTheLast_isTheString() {
        GoPlaces places = placesOf("a\\nb");

        assertThat(places.place(0, 0)).isEqualTo(new Place("a.json", 1, 6, "/c", 0));
        assertThat(places.place(3, 1)).isEqualTo(new Place("a.json", 1, 6, "/c", 0));
    }

    @Test
    void place_withoutColumn_isTheFirstVisibleCharacter() {
        assertThat(placesOf("a\\n\\t b").place(2, 0).column()).isEqualTo(13);
    }

    @Test
    void place_behindTheEndOfALine_isItsEnd() {
        assertThat(placesOf("ab\\ncd").place(1, 99).column()).isEqualTo(9);
        assertThat(placesOf("ab\\ncd").place(2, 99).column()).isEqualTo(13);
    }

    private static GoPlaces placesOf(String escaped) {
        SourceText source = new SourceText("a.json", "{\"c\":\"" + escaped + "\"}");
        return new GoPlaces(source, text(source));
    }

    private static LocatedJson.Text text(SourceText source) {
        if (LocatedJsonParser.parse(source, new Problems(source)).root()
                        instanceof LocatedJson.Fields root
                && root.find("c") instanceof LocatedJson.Text text) {
            return text;
        }
        throw new AssertionError(source.text());
    }

    private static String escape(char c, String style) {
        String shortest = CanonicalJson.quote(String.valueOf(c));
        return switch (style) {
            case "unicode" -> String.format(Locale.ROOT, "\\u%04X", (int) c);
            case "slash" -> c == '/' ? "\\/" : plain(c, shortest);
            default -> plain(c, shortest);
        };
    }

    private static String plain(char c, String quoted) {
        return Character.isSurrogate(c)
                ? String.valueOf(c)
                : quoted.substring(1, quoted.length() - 1);
    }

    private static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
