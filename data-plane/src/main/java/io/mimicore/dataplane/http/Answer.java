package io.mimicore.dataplane.http;

/// An answer being written. Confined to the exchange's event loop.
///
/// Call [#header] any number of times, then use [#body] and [#send]; or [#abort].
public interface Answer {
    /// Most bytes that [#body] takes before it throws [ByteSink.Overflow].
    int BODY_BYTES_MAX = 4 * 1024 * 1024;

    /// Adds a header field. The name is a token and the value has no CR, LF or NUL: the caller
    /// checks.
    Answer header(String name, String value);

    /// Where the body's bytes go, at most [#BODY_BYTES_MAX]; the transport's own buffer.
    ByteSink body();

    /// Ends the answer and sends it. For `HEAD`, 204 and 304 the body is counted but not sent.
    void send();

    /// Throws away what was written; the exchange can be answered anew.
    void abort();
}
