package io.mimicore.dataplane.call;

import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// A complete response of an upstream.
public interface CallReply {
    /// The status, 200..599.
    int status();

    /// The value of a header; several fields of the name are joined by `, `.
    ///
    /// @param name in lower case
    @Nullable String header(String name);

    /// Hands over every field, the names in lower case.
    void eachHeader(BiConsumer<String, String> fields);

    /// The body; owned by the caller.
    byte[] body();
}
