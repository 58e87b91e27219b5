package io.mimicore.dataplane.upstream.proxy;

import io.mimicore.dataplane.http.HeadFields;

/// Which fields are not passed on. Looks at the length of a name first: most need no comparison.
final class FieldNames {
    private static final int FORWARDED_PREFIX = "x-forwarded-".length();

    private FieldNames() {}

    /// Whether a field is meant for one connection alone, or says how a message is framed, which
    /// this node says itself (RFC 9110 §7.6.1, RFC 9112 §6).
    static boolean isHopByHop(HeadFields fields, int index) {
        return switch (fields.nameEnd(index) - fields.nameStart(index)) {
            case 2 -> fields.isNamed(index, "te");
            case 7 -> fields.isNamed(index, "upgrade");
            case 10 -> fields.isNamed(index, "connection") || fields.isNamed(index, "keep-alive");
            case 14 ->
                    fields.isNamed(index, "content-length")
                            || fields.isNamed(index, "http2-settings");
            case 16 -> fields.isNamed(index, "proxy-connection");
            case 17 -> fields.isNamed(index, "transfer-encoding");
            case 18 -> fields.isNamed(index, "proxy-authenticate");
            case 19 -> fields.isNamed(index, "proxy-authorization");
            default -> false;
        };
    }

    /// Whether a field tells where a request comes from, which the client cannot be trusted with.
    static boolean isOrigin(HeadFields fields, int index) {
        int from = fields.nameStart(index);
        int length = fields.nameEnd(index) - from;
        return switch (length) {
            case 9 -> fields.isNamed(index, "forwarded") || fields.isNamed(index, "x-real-ip");
            default ->
                    length > FORWARDED_PREFIX
                            && fields.sameIgnoringCase(
                                    "x-forwarded-", from, from + FORWARDED_PREFIX);
        };
    }

    /// Whether a field lists everyone that a request came by, which this node adds to.
    static boolean isOriginList(HeadFields fields, int index) {
        return switch (fields.nameEnd(index) - fields.nameStart(index)) {
            case 9 -> fields.isNamed(index, "forwarded");
            case 15 -> fields.isNamed(index, "x-forwarded-for");
            default -> false;
        };
    }
}
