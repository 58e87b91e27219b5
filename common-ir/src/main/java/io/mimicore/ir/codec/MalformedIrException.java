package io.mimicore.ir.codec;

import org.jspecify.annotations.Nullable;

/// Bytes that are not a canonical IR. The message names the place in the IR and what is wrong.
public final class MalformedIrException extends Exception {
    private final String place;
    private final String reason;

    MalformedIrException(String place, String reason, @Nullable Throwable cause) {
        super(place.isEmpty() ? reason : place + ": " + reason, cause);
        this.place = place;
        this.reason = reason;
    }

    MalformedIrException(String reason) {
        this("", reason, null);
    }

    /// The way from the API to the wrong field, such as `api.routes[3].response`; empty: the whole.
    public String place() {
        return place;
    }

    /// The same problem, seen from the message that holds `field`.
    MalformedIrException inside(String field) {
        String outer = place.isEmpty() ? field : field + "." + place;
        return new MalformedIrException(outer, reason, getCause());
    }
}
