package io.mimicore.ir;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One route: which requests it takes and the way to the response.
///
/// Values on the way live in numbered slots: first the extracted variables, then the results of
/// upstream calls and of code calls. Each slot is written by exactly one of them.
///
/// @param methods upper-case methods; empty: every method
/// @param slots number of slots, 0..4_096
public record Route(
        List<String> methods,
        PathPattern path,
        Validation validation,
        List<Extraction> extractions,
        List<UpstreamCall> upstreamCalls,
        List<CodeCall> codeCalls,
        @Nullable Delay delay,
        Response response,
        int slots) {

    private static final int SLOTS_MAX = 4_096;

    public Route {
        methods = List.copyOf(methods);
        requireNonNull(path, "path");
        requireNonNull(validation, "validation");
        extractions = List.copyOf(extractions);
        upstreamCalls = List.copyOf(upstreamCalls);
        codeCalls = List.copyOf(codeCalls);
        requireNonNull(response, "response");
        if (slots < 0 || slots > SLOTS_MAX) {
            throw new IllegalArgumentException(
                    "slots: " + slots + " (expected: 0.." + SLOTS_MAX + ")");
        }
        requireOneWriterEach(extractions, upstreamCalls, codeCalls, slots);
        Expressions.of(upstreamCalls, codeCalls, response)
                .forEach(expression -> requireSlots(expression, slots));
    }

    void requireFunctions(int functions) {
        codeCalls.forEach(call -> requireIndex("function", call.function(), functions));
        Expressions.of(upstreamCalls, codeCalls, response)
                .forEach(expression -> {
                    if (expression instanceof Expression.Call call) {
                        requireIndex("function", call.function(), functions);
                    }
                });
    }

    private static void requireSlots(Expression expression, int slots) {
        if (expression instanceof Expression.Variable variable) {
            requireIndex("slot", variable.slot(), slots);
        }
    }

    private static void requireOneWriterEach(
            List<Extraction> extractions,
            List<UpstreamCall> upstreamCalls,
            List<CodeCall> codeCalls,
            int slots) {
        List<Integer> written = new ArrayList<>();
        extractions.forEach(extraction -> written.add(extraction.slot()));
        upstreamCalls.forEach(call -> written.add(call.slot()));
        codeCalls.forEach(call -> written.add(call.slot()));
        Set<Integer> seen = new HashSet<>();
        for (int slot : written) {
            requireIndex("slot", slot, slots);
            if (!seen.add(slot)) {
                throw new IllegalArgumentException("slot: " + slot + " (expected: one writer)");
            }
        }
        if (seen.size() != slots) {
            throw new IllegalArgumentException(
                    "slots: " + slots + " (expected: " + seen.size() + ", one for each writer)");
        }
    }

    private static void requireIndex(String name, int index, int size) {
        if (index < 0 || index >= size) {
            throw new IllegalArgumentException(
                    name + ": " + index + " (expected: 0.." + (size - 1) + ")");
        }
    }
}
