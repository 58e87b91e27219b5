package io.mimicore.dataplane.transport;

/// A request that cannot be taken as it came: a status, and why. The connection closes after it.
///
/// An outcome of parsing, not an exception, because clients cause it at will.
record Refusal(int status, String code, String detail) {
    static Refusal malformed(String detail) {
        return new Refusal(400, "malformed-request", detail);
    }
}
