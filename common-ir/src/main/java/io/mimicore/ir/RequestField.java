package io.mimicore.ir;

/// A part of the request that configs can name.
public sealed interface RequestField {
    /// The method.
    record Method() implements RequestField {}

    /// The path as received, without the query.
    record Path() implements RequestField {}

    /// The host, in lower case and without the port.
    record Host() implements RequestField {}

    /// The request's id, as `X-Request-Id` carries it.
    record Id() implements RequestField {}

    /// A parameter of the route's path, percent-decoded.
    record PathParameter(String name) implements RequestField {}

    /// The first query parameter of the name, percent-decoded.
    record Query(String name) implements RequestField {}

    /// The header of the name; several are joined by `, ` (RFC 9110 §5.3).
    record Header(String name) implements RequestField {}

    /// The cookie of the name (RFC 6265 §5.4).
    record Cookie(String name) implements RequestField {}

    /// The body.
    record Body() implements RequestField {}
}
