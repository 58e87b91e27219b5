package io.mimicore.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionsTest {
    private static final List<String> NAMES =
            List.of("response", "request", "rate_limit", "routes", "hosts", "api", "user");

    @ParameterizedTest
    @CsvSource({
        "respone,response",
        "repsonse,response",
        "responses,response",
        "RESPONSE,response",
        "rateLimit,rate_limit",
        "route,routes",
        "apo,api",
        "usr,user",
    })
    void closest_slip_isFound(String wrong, String meant) {
        assertThat(Suggestions.closest(wrong, NAMES)).contains(meant);
    }

    @ParameterizedTest
    @CsvSource({"x", "zzz", "completely_else", "ap_xyz", "''"})
    void closest_nothingNear_isEmpty(String wrong) {
        assertThat(Suggestions.closest(wrong, NAMES)).isEmpty();
    }

    @Test
    void closest_equallyNear_isTheFirstInOrder() {
        assertThat(Suggestions.closest("vax", List.of("var", "van", "vat"))).contains("van");
        assertThat(Suggestions.closest("vax", List.of("van", "vat", "var"))).contains("van");
    }

    @Test
    void closest_everyCharacterReplaced_isNoLikeness() {
        assertThat(Suggestions.closest("a", List.of("b"))).isEmpty();
        assertThat(Suggestions.closest("a", List.of("ab"))).contains("ab");
    }

    @Test
    void closest_veryLongName_isNotCompared() {
        String name = "a".repeat(65);

        assertThat(Suggestions.closest(name, List.of(name + "b"))).isEmpty();
    }

    @Test
    void closest_beginningOfOneName_isThatName() {
        assertThat(Suggestions.closest("integer", List.of("int", "float"))).contains("int");
        assertThat(Suggestions.closest("resp", NAMES)).contains("response");
    }

    @Test
    void closest_beginningOfSeveralNames_isEmpty() {
        assertThat(Suggestions.closest("pro", List.of("profile", "products"))).isEmpty();
    }

    @Test
    void closest_beginningInOtherCase_isThatName() {
        assertThat(Suggestions.closest("RATE", NAMES)).contains("rate_limit");
    }
}
