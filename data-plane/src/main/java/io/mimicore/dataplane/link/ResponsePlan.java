package io.mimicore.dataplane.link;

import io.mimicore.dataplane.render.Template;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The response of a route, ready to be rendered. Immutable.
///
/// @param contentType what the body is; absent: there is no body, or a header of the author's says
///   it
/// @param headers the author's, without those that the node sets itself
/// @param ownCors whether the author's headers stand in for those of CORS
public record ResponsePlan(
        int status,
        @Nullable String contentType,
        List<Header> headers,
        Template body,
        boolean ownCors) {
    public ResponsePlan {
        headers = List.copyOf(headers);
    }

    /// Whether it is the same for every request.
    public boolean isConstant() {
        return body.isConstant() && headers.stream().allMatch(it -> it.value().isConstant());
    }

    /// A header field.
    public record Header(String name, Template value) {}

    /// Whether a text can be sent as the value of a header field: no control characters but the tab
    /// (RFC 9110 §5.5).
    public static boolean isFieldValue(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < ' ' && c != '\t') || c == 0x7f) {
                return false;
            }
        }
        return true;
    }
}
