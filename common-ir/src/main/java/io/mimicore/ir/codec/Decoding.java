package io.mimicore.ir.codec;

import java.util.ArrayList;
import java.util.List;

/// Makes a value of the model from a message, and says where in the IR it failed.
@FunctionalInterface
interface Decoding<M, T> {
    T decode(M message) throws MalformedIrException;

    /// Decodes one field. What the model's own checks refuse becomes a [MalformedIrException] too.
    static <M, T> T one(String field, M message, Decoding<? super M, T> decoding)
            throws MalformedIrException {
        try {
            return decoding.decode(message);
        } catch (MalformedIrException e) {
            throw e.inside(field);
        } catch (IllegalArgumentException e) {
            throw new MalformedIrException(field, String.valueOf(e.getMessage()), e);
        }
    }

    /// Decodes a field that must be there.
    static <M, T> T required(
            boolean present, String field, M message, Decoding<? super M, T> decoding)
            throws MalformedIrException {
        if (!present) {
            throw absent(field);
        }
        return one(field, message, decoding);
    }

    /// Decodes every element of a repeated field.
    static <M, T> List<T> all(String field, List<M> messages, Decoding<? super M, T> decoding)
            throws MalformedIrException {
        List<T> values = new ArrayList<>(messages.size());
        for (int i = 0; i < messages.size(); i++) {
            values.add(one(field + "[" + i + "]", messages.get(i), decoding));
        }
        return values;
    }

    /// A field that must be there and is not.
    static MalformedIrException absent(String field) {
        return new MalformedIrException(field, "absent (expected: a value)", null);
    }

    /// The constant of `type` that has the wire constant's name.
    static <E extends Enum<E>> E constant(String field, Class<E> type, Enum<?> wire)
            throws MalformedIrException {
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equals(wire.name())) {
                return constant;
            }
        }
        throw new MalformedIrException(
                field, wire.name() + " (expected: a " + type.getSimpleName() + ")", null);
    }
}
