package io.mimicore.config;

import io.mimicore.ir.Body;
import io.mimicore.ir.Delay;
import io.mimicore.ir.Response;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads `response` and `delay` of a route.
final class ResponseReader {
    private static final int STATUS_DEFAULT = 200;

    /// Statuses whose responses have no content (RFC 9110 §15.3.5, §15.3.6, §15.4.5).
    private static final Set<Integer> WITHOUT_BODY = Set.of(204, 205, 304);

    private final Problems problems;
    private final TemplateReader templates;

    ResponseReader(Problems problems, TemplateReader templates) {
        this.problems = problems;
        this.templates = templates;
    }

    /// @param response absent: 200 without a body
    Response read(@Nullable FieldReader response) {
        if (response == null) {
            return new Response(STATUS_DEFAULT, List.of(), new Body.Empty());
        }
        int status = response.integer("status", new FieldReader.Range(200, 599), STATUS_DEFAULT);
        var headers = new HeaderReader(problems, templates).response(response.fields("headers"));
        Body body = templates.body(response.find("body"));
        if (WITHOUT_BODY.contains(status)) {
            response.conflict(
                    "body", "with status " + status, "a response of this status has no body");
        }
        return new Response(status, headers, body);
    }

    static @Nullable Delay delay(@Nullable FieldReader delay) {
        if (delay == null) {
            return null;
        }
        var range = new FieldReader.Range(0, Delay.MILLIS_MAX);
        return new Delay(delay.integer("fixed_ms", range, 0), delay.integer("jitter_ms", range, 0));
    }
}
