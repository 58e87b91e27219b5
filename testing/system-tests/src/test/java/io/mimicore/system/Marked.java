package io.mimicore.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.Load;
import io.mimicore.testkit.process.RawRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// APIs that say in three places which edit of their file they are, so that a response made of two
/// edits shows.
final class Marked {
    private Marked() {}

    /// An API whose header, body and code all carry the mark.
    static String withCode(String api, int mark) {
        return ApiText.of(api)
                .code("//export mark\nfunc mark(x int64) int64 { return %d + x }\n".formatted(mark))
                .route(route(mark, "{{mark(0) | json}}"))
                .text();
    }

    /// An API without code, whose header and body carry the mark.
    static String plain(String api, int mark) {
        return ApiText.of(api).route(route(mark, "{{" + mark + " | json}}")).text();
    }

    private static String route(int mark, String code) {
        return """
        {"method":"GET","path":"/m","response":{
          "headers":{"ETag":"\\"%d\\""},
          "body":{"static":%d,"code":"%s","echo":"{{request.method}}"}}}
        """
                .formatted(mark, mark, code);
    }

    static RawRequest request(String api) {
        return RawRequest.get(api + ".localhost", "/m");
    }

    /// The body of a response that is all of one edit.
    static String body(int mark) {
        return "{\"static\":%d,\"code\":%d,\"echo\":\"GET\"}".formatted(mark, mark);
    }

    /// Whether a response of this edit has come back.
    static boolean hasSeen(Load load, int mark) {
        return load.samples().keySet().stream().anyMatch(s -> s.body().equals(body(mark)));
    }

    /// Fails unless every response was whole and of these edits, and no connection broke.
    static void requireWhole(Load load, List<Integer> marks) {
        assertThat(load.failures()).isEmpty();
        Map<Long, String> bodies = new HashMap<>();
        for (Load.Sample sample : load.samples().keySet()) {
            assertThat(sample.status()).as(sample.toString()).isEqualTo(200);
            assertThat(marks)
                    .as(sample.toString())
                    .anyMatch(mark ->
                            sample.body().equals(body(mark))
                                    && sample.etag().equals("\"" + mark + "\""));
            assertThat(bodies.putIfAbsent(sample.version(), sample.body()))
                    .as("version " + sample.version())
                    .isIn(null, sample.body());
        }
    }
}
