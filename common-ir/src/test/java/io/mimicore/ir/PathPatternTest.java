package io.mimicore.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.mimicore.ir.PathPattern.Literal;
import io.mimicore.ir.PathPattern.Parameter;
import io.mimicore.ir.PathPattern.Rest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PathPatternTest {
    @Test
    void parse_everyKindOfSegment_givesThem() {
        PathPattern pattern = PathPattern.parse("/a/{id}/b c/{rest...}");

        assertThat(pattern.segments())
                .containsExactly(
                        new Literal("a"),
                        new Parameter("id"),
                        new Literal("b c"),
                        new Rest("rest"));
        assertThat(pattern.parameters()).containsExactly("id", "rest");
        assertThat(pattern.text()).isEqualTo("/a/{id}/b c/{rest...}");
    }

    @Test
    void parse_emptySegments_keepsThem() {
        assertThat(PathPattern.parse("/").segments()).containsExactly(new Literal(""));
        assertThat(PathPattern.parse("/a//").segments())
                .containsExactly(new Literal("a"), new Literal(""), new Literal(""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "a/b; path: a/b (expected: a leading /)",
                "''; path:  (expected: a leading /)",
                "/{rest...}/a; path: /{rest...}/a (expected: {name...} only at the end)",
                "/{a}/{a}; path: /{a}/{a} (expected: {a} only once)",
                "/{a}/{a...}; path: /{a}/{a...} (expected: {a} only once)",
                "/x{a}; path: /x{a} (expected: {name} or {name...} as a whole segment, found x{a})",
                "/{a}x; path: /{a}x (expected: {name} or {name...} as a whole segment, found {a}x)",
                "/{}; path: /{} (expected: {name} or {name...} as a whole segment, found {})",
                "/{1}; path: /{1} (expected: {name} or {name...} as a whole segment, found {1})",
                "/{a; path: /{a (expected: {name} or {name...} as a whole segment, found {a)",
                "/{a/b}; path: /{a/b} (expected: {name} or {name...} as a whole segment, found {a)",
                "/a?b; path: /a?b (expected: no ? and no #)",
                "/a#b; path: /a#b (expected: no ? and no #)",
            })
    void parse_noPattern_saysWhatIsExpected(String text, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PathPattern.parse(text))
                .withMessage(message);
    }

    @Test
    void construct_withoutSegments_isRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new PathPattern("/", List.of()));
    }
}
