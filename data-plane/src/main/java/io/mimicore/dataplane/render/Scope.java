package io.mimicore.dataplane.render;

import io.mimicore.dataplane.extract.FieldSource;
import io.mimicore.dataplane.extract.RequestReader;
import io.mimicore.dataplane.value.Json;
import io.mimicore.dataplane.value.Value;
import io.mimicore.ir.Step;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What the templates of one request see. Confined to the exchange's event loop.
public final class Scope {
    private final RequestReader request;
    private final Value[] slots;

    /// Trees of slots that hold encoded JSON, parsed once.
    private @Nullable JsonNode @Nullable [] trees;

    /// @param slots number of slots; all are missing at first
    public Scope(RequestReader request, int slots) {
        this.request = request;
        this.slots = new Value[slots];
        Arrays.fill(this.slots, Value.MISSING);
    }

    /// The slots themselves.
    public Value[] slots() {
        return slots;
    }

    Value slot(int slot, List<Step> steps) {
        Value value = slots[slot];
        if (steps.isEmpty()) {
            return value;
        }
        JsonNode tree = tree(slot, value);
        JsonNode part = tree == null ? null : Json.part(tree, steps);
        return part == null ? Value.MISSING : Json.value(part);
    }

    Value request(FieldSource source, List<Step> steps) {
        return request.value(source, steps);
    }

    private @Nullable JsonNode tree(int slot, Value value) {
        if (value instanceof Value.Tree tree) {
            return tree.node();
        }
        if (trees == null) {
            trees = new @Nullable JsonNode[slots.length];
        }
        JsonNode known = trees[slot];
        if (known == null) {
            known = Json.tree(value);
            trees[slot] = known;
        }
        return known;
    }
}
