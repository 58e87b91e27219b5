package io.mimicore.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.RawResponse;
import java.util.List;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// What tests say about responses.
final class Answers {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Answers() {}

    /// The JSON that this text is.
    static JsonNode json(String text) {
        return MAPPER.readTree(text);
    }

    /// The JSON body of a response that must be a success.
    static JsonNode body(RawResponse response) {
        assertThat(response.status()).as(response.body()).isBetween(200, 299);
        assertThat(response.header("Content-Type")).isEqualTo("application/json");
        return json(response.body());
    }

    /// The problem that a response must be (RFC 9457).
    static JsonNode problem(RawResponse response, int status, String type) {
        assertThat(response.status()).as(response.body()).isEqualTo(status);
        assertThat(response.header("Content-Type")).isEqualTo("application/problem+json");
        JsonNode problem = json(response.body());
        assertThat(problem.path("type").asString()).isEqualTo("urn:mimicore:problem:" + type);
        assertThat(problem.path("status").asInt()).isEqualTo(status);
        assertThat(problem.path("title").asString()).isNotBlank();
        assertThat(response.header("X-Request-Id")).isNotBlank();
        assertThat(problem.path("instance").asString())
                .isEqualTo("urn:mimicore:request:" + response.header("X-Request-Id"));
        assertThat(response.body()).doesNotContain("\\tat ", ".java:", "goroutine ");
        return problem;
    }

    /// The violations of a problem, each as `in place code`.
    static List<String> violations(JsonNode problem) {
        return StreamSupport.stream(problem.path("violations").spliterator(), false)
                .map(violation ->
                        violation.path("in").asString()
                                + " "
                                + violation.path("pointer").asString("")
                                + violation.path("name").asString("")
                                + " "
                                + violation.path("code").asString())
                .toList();
    }
}
