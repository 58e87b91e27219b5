package io.mimicore.dataplane.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.ir.PathPattern;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RouteTrieTest {
    private static final List<String> METHODS = List.of("GET", "HEAD", "POST", "OPTIONS", "BREW");

    @Test
    void find_literalAndParameter_literalWins() {
        RouteTrie<String> trie = trie("GET /users/{id}", "GET /users/me");

        assertThat(trie.find("GET", "/users/me")).isEqualTo("GET /users/me");
        assertThat(trie.find("GET", "/users/you")).isEqualTo("GET /users/{id}");
    }

    @Test
    void find_specialBranchEndsNowhere_backtracks() {
        RouteTrie<String> trie = trie("GET /a/b/d", "GET /a/{x}/c", "GET /a/{rest...}");

        assertThat(trie.find("GET", "/a/b/c")).isEqualTo("GET /a/{x}/c");
        assertThat(trie.find("GET", "/a/b/d")).isEqualTo("GET /a/b/d");
        assertThat(trie.find("GET", "/a/b/e")).isEqualTo("GET /a/{rest...}");
    }

    @Test
    void find_literalDoesNotServeMethod_triesTheParameter() {
        RouteTrie<String> trie = trie("POST /users/me", "GET /users/{id}");

        assertThat(trie.find("GET", "/users/me")).isEqualTo("GET /users/{id}");
        assertThat(trie.find("POST", "/users/me")).isEqualTo("POST /users/me");
        assertThat(trie.methods("/users/me")).containsExactly("POST", "GET", "HEAD");
    }

    @Test
    void find_head_takesTheRouteForGet() {
        RouteTrie<String> trie = trie("GET /a", "* /a", "HEAD /b", "GET /b");

        assertThat(trie.find("HEAD", "/a")).isEqualTo("GET /a");
        assertThat(trie.find("HEAD", "/b")).isEqualTo("HEAD /b");
        assertThat(trie.find("DELETE", "/a")).isEqualTo("* /a");
    }

    @ParameterizedTest
    @CsvSource({
        "/files/a, GET /files/{rest...}",
        "/files/a/b, GET /files/{rest...}",
        "/files/, GET /files/{rest...}",
        "/files//a, GET /files/{rest...}",
        "/files,",
        "/files/a/../b,",
        "/files/%2E%2e/b,",
        "/p/x, GET /p/{id}",
        "/p/a%2Fb, GET /p/{id}",
        "/p/...,GET /p/{id}",
        "/p/,",
        "/p/.,",
        "/p/..,",
        "/p/%2e,",
        "/p/x/,",
        "/p//x,",
        "/s, GET /s",
        "/s/, GET /s/",
        "/caf%C3%A9, GET /caf%C3%A9",
        "/café, GET /caf%C3%A9",
        "/CAF%c3%a9,",
        "/, GET /",
        "'',",
        "*,",
    })
    void find_edgesOfPaths_areAsDocumented(String path, @Nullable String expected) {
        RouteTrie<String> trie =
                trie(
                        "GET /files/{rest...}",
                        "GET /p/{id}",
                        "GET /s",
                        "GET /s/",
                        "GET /caf%C3%A9",
                        "GET /");

        assertThat(trie.find("GET", path)).isEqualTo(expected);
    }

    @Test
    void find_encodedSlash_neverPartsSegments() {
        RouteTrie<String> trie = trie("GET /a/b", "GET /{x}");

        assertThat(trie.find("GET", "/a%2Fb")).isEqualTo("GET /{x}");
    }

    @Test
    void add_sameMethodAndPathTwice_firstStays() {
        RouteTrie<String> trie = trie("GET /a/{x}", "GET /a/{y}");

        assertThat(trie.find("GET", "/a/1")).isEqualTo("GET /a/{x}");
    }

    static LongStream seeds() {
        return LongStream.range(0, 60);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void find_generatedRoutesAndPaths_equalsNaiveMatcher(long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        List<NaiveRoutes.Entry> routes = new ArrayList<>();
        RouteTrie.Builder<Integer> builder = RouteTrie.builder();
        for (int i = 0; i < 1 + random.nextInt(60); i++) {
            PathPattern pattern = PathPattern.parse(pattern(random));
            List<String> methods =
                    random.nextInt(4) == 0
                            ? List.of()
                            : List.of(METHODS.get(random.nextInt(METHODS.size())));
            routes.add(new NaiveRoutes.Entry(methods, pattern, i));
            builder.add(methods, pattern, i);
        }
        RouteTrie<Integer> trie = builder.build();
        var naive = new NaiveRoutes(routes);

        for (int i = 0; i < 500; i++) {
            String path = path(random);
            for (String method : METHODS) {
                assertThat(trie.find(method, path))
                        .as(method + " " + path)
                        .isEqualTo(naive.find(method, path));
            }
            assertThat(trie.methods(path))
                    .as(path)
                    .containsExactlyInAnyOrderElementsOf(naive.methods(path));
        }
    }

    private static String pattern(RandomGenerator random) {
        var pattern = new StringBuilder();
        int segments = 1 + random.nextInt(4);
        for (int i = 0; i < segments; i++) {
            String[] choices = {"a", "b", "a%20b", "", "%2520", "{p" + i + "}", "{p" + i + "}"};
            boolean rest = i == segments - 1 && random.nextInt(5) == 0;
            pattern.append('/')
                    .append(rest ? "{rest...}" : choices[random.nextInt(choices.length)]);
        }
        return pattern.toString();
    }

    private static String path(RandomGenerator random) {
        String[] choices = {
            "a", "b", "%61", "a%20b", "", ".", "..", "%2e", "a%2Fb", "c", "é", "%2520", "%20"
        };
        var path = new StringBuilder();
        for (int i = 0; i < 1 + random.nextInt(5); i++) {
            path.append('/').append(choices[random.nextInt(choices.length)]);
        }
        return path.toString();
    }

    private static RouteTrie<String> trie(String... routes) {
        RouteTrie.Builder<String> builder = RouteTrie.builder();
        for (String route : routes) {
            String method = route.substring(0, route.indexOf(' '));
            PathPattern path = PathPattern.parse(route.substring(route.indexOf(' ') + 1));
            builder.add(method.equals("*") ? List.of() : List.of(method), path, route);
        }
        return builder.build();
    }
}
