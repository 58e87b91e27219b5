package io.mimicore.config;

import io.mimicore.diagnostics.DiagnosticCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Which calls of a route wait for which; finds those that wait for each other.
final class CallGraph {
    /// Longest ring that is named call by call.
    private static final int NAMES_SHOWN_MAX = 10;

    private final Map<Integer, Node> nodes = new LinkedHashMap<>();

    /// A call.
    ///
    /// @param at where the file names it
    /// @param reads slots it waits for
    private record Node(String name, LocatedJson at, Set<Integer> reads) {}

    void add(int slot, LocatedJson.Text name, Set<Integer> reads) {
        nodes.put(slot, new Node(name.text(), name, reads));
    }

    /// Reports every ring once, at its first call in the file.
    void reportRings(Problems problems) {
        Set<Integer> reported = new HashSet<>();
        for (int slot : waitingForEver()) {
            List<Integer> ring = reported.contains(slot) ? List.of() : ringThrough(slot);
            if (!ring.isEmpty()) {
                reported.addAll(ring);
                report(ring, problems);
            }
        }
    }

    /// What is left when every call whose reads are all done is done, in the order of the file:
    /// empty in a right file.
    private List<Integer> waitingForEver() {
        Map<Integer, List<Integer>> readers = new HashMap<>();
        Map<Integer, Integer> open = new LinkedHashMap<>();
        Deque<Integer> done = new ArrayDeque<>();
        nodes.forEach((slot, node) -> {
            int reads = 0;
            for (int read : node.reads()) {
                if (nodes.containsKey(read)) {
                    readers.computeIfAbsent(read, _ -> new ArrayList<>()).add(slot);
                    reads++;
                }
            }
            open.put(slot, reads);
            if (reads == 0) {
                done.add(slot);
            }
        });
        while (!done.isEmpty()) {
            int slot = done.poll();
            open.remove(slot);
            for (int reader : readers.getOrDefault(slot, List.of())) {
                if (open.merge(reader, -1, Integer::sum) == 0) {
                    done.add(reader);
                }
            }
        }
        return List.copyOf(open.keySet());
    }

    private void report(List<Integer> ring, Problems problems) {
        List<String> names = new ArrayList<>();
        ring.forEach(slot -> names.add(node(slot).name()));
        if (names.size() > NAMES_SHOWN_MAX) {
            names.subList(NAMES_SHOWN_MAX - 1, names.size() - 1).clear();
            names.add(NAMES_SHOWN_MAX - 1, "…");
        }
        names.add(names.getFirst());
        problems.error(
                node(ring.getFirst()).at(),
                DiagnosticCode.CALL_CYCLE,
                "calls: " + String.join(" → ", names) + " (expected: no call waits for itself)",
                "each waits for the result of the next; take one of the templates out");
    }

    /// The shortest way from a call over what it waits for back to itself; empty: there is none.
    private List<Integer> ringThrough(int start) {
        Map<Integer, Integer> cameFrom = new HashMap<>();
        Deque<Integer> waiting = new ArrayDeque<>(List.of(start));
        while (!waiting.isEmpty()) {
            int slot = waiting.poll();
            for (int read : node(slot).reads()) {
                if (read == start) {
                    return way(slot, start, cameFrom);
                }
                if (nodes.containsKey(read) && !cameFrom.containsKey(read)) {
                    cameFrom.put(read, slot);
                    waiting.add(read);
                }
            }
        }
        return List.of();
    }

    private static List<Integer> way(int end, int start, Map<Integer, Integer> cameFrom) {
        List<Integer> way = new ArrayList<>();
        for (int at = end; at != start; at = cameFrom.getOrDefault(at, start)) {
            way.add(at);
        }
        way.add(start);
        return way.reversed();
    }

    private Node node(int slot) {
        Node node = nodes.get(slot);
        if (node == null) {
            throw new AssertionError(slot + " (expected: a call's slot)");
        }
        return node;
    }
}
