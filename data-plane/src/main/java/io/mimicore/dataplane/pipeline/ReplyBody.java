package io.mimicore.dataplane.pipeline;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.dataplane.value.Json;
import io.mimicore.dataplane.value.Value;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What a body of an upstream is to templates.
///
/// JSON where `Content-Type` says so, and also where it says something else, or nothing, but the
/// body is a JSON object or array: many servers do not name what they send. Anything else is a
/// text. An empty body is missing.
///
/// @param wrong why the body is not what its type says; absent: it is
record ReplyBody(Value value, @Nullable String wrong) {
    /// Reads a body; costs time in proportion to its length.
    static ReplyBody read(byte[] body, @Nullable String contentType) {
        if (body.length == 0) {
            return new ReplyBody(Value.MISSING, null);
        }
        String type = contentType == null ? "" : contentType.toLowerCase(Locale.ROOT);
        boolean declared = isJson(type);
        if (declared || beginsLikeJson(body)) {
            try {
                return new ReplyBody(Json.value(Json.parse(body)), null);
            } catch (Json.SyntaxException e) {
                if (declared) {
                    return new ReplyBody(
                            Value.MISSING,
                            "the body is no JSON, line "
                                    + e.line()
                                    + ", column "
                                    + e.column()
                                    + ": "
                                    + e.getMessage());
                }
            }
        }
        boolean latin = type.contains("charset=iso-8859-1") || type.contains("charset=latin1");
        return new ReplyBody(new Value.Text(new String(body, latin ? ISO_8859_1 : UTF_8)), null);
    }

    private static boolean isJson(String type) {
        int end = type.indexOf(';');
        String essence = (end < 0 ? type : type.substring(0, end)).strip();
        return essence.equals("application/json")
                || essence.equals("text/json")
                || essence.endsWith("+json");
    }

    private static boolean beginsLikeJson(byte[] body) {
        for (byte b : body) {
            if (b == '{' || b == '[') {
                return true;
            }
            if (b != ' ' && b != '\t' && b != '\r' && b != '\n') {
                return false;
            }
        }
        return false;
    }
}
