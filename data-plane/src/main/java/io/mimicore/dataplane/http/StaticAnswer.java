package io.mimicore.dataplane.http;

import java.util.List;

/// A whole answer that does not depend on the request. Immutable.
///
/// @param status 200..599
/// @param headers names and values, each header two elements
/// @param body not copied; nobody writes to it
public record StaticAnswer(int status, List<String> headers, byte[] body) {
    public StaticAnswer {
        headers = List.copyOf(headers);
        if (headers.size() % 2 != 0) {
            throw new IllegalArgumentException(
                    "headers: " + headers + " (expected: names and values in turn)");
        }
    }
}
