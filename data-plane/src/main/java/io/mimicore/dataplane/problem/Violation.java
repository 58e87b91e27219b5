package io.mimicore.dataplane.problem;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/// One thing about a request that is not as demanded.
///
/// @param in which part of the request
/// @param place a JSON pointer into the body (RFC 6901), or the name of a header, parameter or
///   cookie
/// @param code the rule that failed: a JSON Schema keyword, `syntax`, `required`, `pattern`, `min`,
///   `max`, `type`, `encoding` or `limit`
/// @param message in English, without the name of the place
/// @param position where in the body's text; absent: not known
public record Violation(
        Location in, String place, String code, String message, @Nullable Position position) {
    public Violation {
        requireNonNull(in, "in");
        requireNonNull(place, "place");
        requireNonNull(code, "code");
        requireNonNull(message, "message");
    }

    /// A violation without a position.
    public static Violation of(Location in, String place, String code, String message) {
        return new Violation(in, place, code, message, null);
    }

    /// A part of a request.
    public enum Location {
        BODY("body", "pointer"),
        HEADER("header", "name"),
        QUERY("query", "name"),
        PATH("path", "name"),
        COOKIE("cookie", "name"),
        /// The request line and what the node derives from it, such as the method or the host.
        REQUEST("request", "name");

        private final String label;
        private final String placeMember;

        Location(String label, String placeMember) {
            this.label = label;
            this.placeMember = placeMember;
        }

        /// The value of the member `in`.
        public String label() {
            return label;
        }

        /// The member that holds the place.
        String placeMember() {
            return placeMember;
        }
    }

    /// A place in a text.
    ///
    /// @param line from 1
    /// @param column from 1
    public record Position(int line, int column) {}
}
