package io.mimicore.dataplane.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.ir.PathPattern;
import org.junit.jupiter.api.Test;

class PathParametersTest {
    @Test
    void value_segment_isDecoded() {
        PathParameters parameters = parameters("/a/{x}/b/{y}");

        assertThat(parameters.value("/a/1%202/b/%2F", 0)).isEqualTo("1 2");
        assertThat(parameters.value("/a/1%202/b/%2F", 1)).isEqualTo("/");
    }

    @Test
    void value_rest_takesEverythingToTheEnd() {
        PathParameters parameters = parameters("/a/{x}/{rest...}");

        assertThat(parameters.value("/a/1/b//c/", 1)).isEqualTo("b//c/");
        assertThat(parameters.value("/a/1/", 1)).isEmpty();
        assertThat(parameters.value("/a/1/b//c/", 0)).isEqualTo("1");
    }

    @Test
    void indexOf_unknownName_isNegative() {
        assertThat(parameters("/a/{x}").indexOf("x")).isZero();
        assertThat(parameters("/a/{x}").indexOf("y")).isNegative();
        assertThat(parameters("/a").indexOf("x")).isNegative();
    }

    private static PathParameters parameters(String pattern) {
        return PathParameters.of(PathPattern.parse(pattern));
    }
}
