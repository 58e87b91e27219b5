package io.mimicore.config;

import io.mimicore.diagnostics.DiagnosticCode;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// The names that the templates of one route can use, each with its slot, in the order they are
/// defined.
final class Names {
    private static final Pattern NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{Nd}_-]*");
    private static final List<String> RESERVED = List.of("request", "true", "false", "null");

    /// As the IR allows for one route.
    private static final int SLOTS_MAX = 4_096;

    private final Problems problems;
    private final Map<String, Integer> slots = new LinkedHashMap<>();
    private final Map<String, Integer> definedAt = new HashMap<>();
    private int next;
    private boolean complete = true;

    Names(Problems problems) {
        this.problems = problems;
    }

    /// Gives a name its slot; reports a name that is none, is reserved or is taken.
    ///
    /// @param label how messages call the field that holds the name
    /// @param offset where the name stands
    int define(String name, String label, int offset, Pointer pointer) {
        int slot = next++;
        if (slot == SLOTS_MAX) {
            problems.error(
                    offset,
                    pointer,
                    DiagnosticCode.LIMIT,
                    "names: more than " + SLOTS_MAX + " (expected: at most " + SLOTS_MAX + ")",
                    "extractions and calls of a route count together");
        }
        String wrong = label + ": " + CanonicalJson.quote(name);
        if (!NAME.matcher(name).matches()) {
            problems.error(
                    offset,
                    pointer,
                    DiagnosticCode.FIELD_VALUE,
                    wrong + " (expected: letters, digits, _ and -, beginning with a letter or _)",
                    "templates call it by this name");
            complete = false;
            return slot;
        }
        if (RESERVED.contains(name)) {
            problems.error(
                    offset,
                    pointer,
                    DiagnosticCode.FIELD_VALUE,
                    wrong + " (expected: a name that templates do not use already)",
                    "take another name; " + String.join(", ", RESERVED) + " are taken");
            return slot;
        }
        Integer first = definedAt.putIfAbsent(name, offset);
        if (first != null) {
            problems.error(
                    offset,
                    pointer,
                    DiagnosticCode.DUPLICATE,
                    wrong + " (expected: every name once in a route)",
                    "line " + problems.source().line(first) + " defines it already");
        }
        slots.putIfAbsent(name, slot);
        return slot;
    }

    /// Notes that some names could not be read, so that an unknown one may be one of them.
    void markIncomplete() {
        complete = false;
    }

    /// Whether a name that is not here is certainly wrong.
    boolean isComplete() {
        return complete;
    }

    Map<String, Integer> slots() {
        return Map.copyOf(slots);
    }

    /// Number of slots given away.
    int count() {
        return next;
    }
}
