package io.mimicore.config;

import org.jspecify.annotations.Nullable;

/// A JSON Pointer (RFC 6901) that shares its beginning with its siblings.
///
/// @param parent absent: the whole file
/// @param token the last reference token, not escaped
record Pointer(@Nullable Pointer parent, String token) {
    /// The whole file.
    static final Pointer ROOT = new Pointer(null, "");

    /// The member of this name.
    Pointer child(String name) {
        return new Pointer(this, name);
    }

    /// The element at this index, from 0.
    Pointer child(int index) {
        return new Pointer(this, Integer.toString(index));
    }

    /// The pointer as text; empty for the whole file.
    String text() {
        if (parent == null) {
            return "";
        }
        return parent.text() + "/" + token.replace("~", "~0").replace("/", "~1");
    }
}
