package io.mimicore.testkit.process;

import java.util.List;
import java.util.Optional;

/// An HTTP/1.1 response.
///
/// @param headers whole lines, without their ends
/// @param body as UTF-8 text
public record RawResponse(int status, List<String> headers, String body) {
    public RawResponse {
        headers = List.copyOf(headers);
    }

    /// The first header of this name, letter case aside; empty when there is none.
    public String header(String name) {
        return find(name).orElse("");
    }

    /// Whether there is a header of this name.
    public boolean has(String name) {
        return find(name).isPresent();
    }

    /// The snapshot it was answered from; 0 when it does not say.
    public long version() {
        return find("X-Mimicore-Version").map(Long::parseLong).orElse(0L);
    }

    private Optional<String> find(String name) {
        return headers.stream()
                .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst();
    }
}
