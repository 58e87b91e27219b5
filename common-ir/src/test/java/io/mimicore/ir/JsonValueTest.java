package io.mimicore.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.mimicore.ir.JsonValue.JsonArray;
import io.mimicore.ir.JsonValue.JsonBool;
import io.mimicore.ir.JsonValue.JsonNull;
import io.mimicore.ir.JsonValue.JsonNumber;
import io.mimicore.ir.JsonValue.JsonObject;
import io.mimicore.ir.JsonValue.JsonText;
import io.mimicore.ir.JsonValue.Member;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonValueTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"0", "-0", "10", "-1.50", "1e5", "1E+05", "2.5e-3", "123456789012345678901"})
    void number_ofTheGrammar_keepsItsText(String text) {
        assertThat(new JsonNumber(text).text()).isEqualTo(text);
        assertThat(new JsonNumber(text).decimal()).isEqualByComparingTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "+1",
                "01",
                "1.",
                ".5",
                "1e",
                "0x10",
                "NaN",
                "Infinity",
                " 1",
                "1 ",
                "1d",
                "١",
                "1e99999999999"
            })
    void number_otherText_isRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> new JsonNumber(text));
    }

    @Test
    void object_nameTwice_isRefused() {
        Member member = new Member("a", new JsonNull());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new JsonObject(List.of(member, member)));
    }

    @Test
    void containers_listChangedLater_stayTheSame() {
        List<JsonValue> elements = new ArrayList<>(List.of(new JsonNull()));
        JsonArray array = new JsonArray(elements);
        elements.clear();

        assertThat(array.elements()).hasSize(1);
    }

    @Test
    void print_everyKind_isMinimalJson() {
        JsonValue value =
                new JsonObject(
                        List.of(
                                new Member(
                                        "z\"",
                                        new JsonArray(
                                                List.of(
                                                        new JsonNull(),
                                                        new JsonBool(true),
                                                        new JsonBool(false),
                                                        new JsonNumber("1.50")))),
                                new Member("a", new JsonArray(List.of())),
                                new Member("", new JsonObject(List.of()))));

        assertThat(JsonPrinter.print(value))
                .isEqualTo("{\"z\\\"\":[null,true,false,1.50],\"a\":[],\"\":{}}");
    }

    @Test
    void print_text_escapesOnlyWhatMustBe() {
        assertThat(JsonPrinter.print(new JsonText("\"\\/\b\f\n\r\t\u0000\u001f\u007f\u2028é€😀")))
                .isEqualTo("\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\u007f\u2028é€😀\"");
    }

    @Test
    void print_unpairedSurrogate_escapesIt() {
        assertThat(JsonPrinter.print(new JsonText("\ud83d\ude00\ud83d")))
                .isEqualTo("\"😀\\ud83d\"");
        assertThat(JsonPrinter.print(new JsonText("\ude00a"))).isEqualTo("\"\\ude00a\"");
    }

    @Test
    void unpairedSurrogate_inText_isFoundAtItsIndex() {
        assertThat(UnicodeText.unpairedSurrogate("a😀b")).isEqualTo(-1);
        assertThat(UnicodeText.unpairedSurrogate("")).isEqualTo(-1);
        assertThat(UnicodeText.unpairedSurrogate("a\ud83d")).isEqualTo(1);
        assertThat(UnicodeText.unpairedSurrogate("\ud83d\ud83d\ude00")).isEqualTo(0);
        assertThat(UnicodeText.unpairedSurrogate("\ud83d\ude00\ude00")).isEqualTo(2);
    }
}
