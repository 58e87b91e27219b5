package io.mimicore.dataplane.render;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.dataplane.extract.FieldSource;
import io.mimicore.dataplane.http.Answer;
import io.mimicore.dataplane.value.ByteArraySink;
import io.mimicore.dataplane.value.Value;
import io.mimicore.ir.Filter;
import io.mimicore.ir.Step;
import java.util.BitSet;
import java.util.List;

/// A compiled expression. Immutable; evaluating never blocks.
public sealed interface Node {
    /// The value in a scope.
    ///
    /// @throws io.mimicore.dataplane.http.ByteSink.Overflow when a text on the way is larger than
    ///   an answer may be
    Value evaluate(Scope scope);

    /// Adds every slot it reads.
    void addSlotsTo(BitSet slots);

    /// A value known when the snapshot is linked.
    record Constant(Value value) implements Node {
        @Override
        public Value evaluate(Scope scope) {
            return value;
        }

        @Override
        public void addSlotsTo(BitSet slots) {}
    }

    /// A slot or a part of its value.
    record FromSlot(int slot, List<Step> steps) implements Node {
        @Override
        public Value evaluate(Scope scope) {
            return scope.slot(slot, steps);
        }

        @Override
        public void addSlotsTo(BitSet slots) {
            slots.set(slot);
        }
    }

    /// A part of the request.
    record FromRequest(FieldSource source, List<Step> steps) implements Node {
        @Override
        public Value evaluate(Scope scope) {
            return scope.request(source, steps);
        }

        @Override
        public void addSlotsTo(BitSet slots) {}
    }

    /// A filter over another node.
    record Filtered(Filter filter, Node input, List<Node> arguments) implements Node {
        @Override
        public Value evaluate(Scope scope) {
            Value in = input.evaluate(scope);
            return switch (arguments.size()) {
                case 0 -> Filters.apply(filter, in);
                case 1 -> Filters.apply(filter, in, arguments.get(0).evaluate(scope));
                default ->
                        Filters.apply(
                                filter,
                                in,
                                arguments.get(0).evaluate(scope),
                                arguments.get(1).evaluate(scope));
            };
        }

        @Override
        public void addSlotsTo(BitSet slots) {
            input.addSlotsTo(slots);
            arguments.forEach(argument -> argument.addSlotsTo(slots));
        }
    }

    /// A template rendered to a text.
    record RenderedText(Template template) implements Node {
        @Override
        public Value evaluate(Scope scope) {
            return new Value.Text(new String(rendered(template, scope), UTF_8));
        }

        @Override
        public void addSlotsTo(BitSet slots) {
            template.addSlotsTo(slots);
        }
    }

    /// A template rendered to JSON.
    record RenderedJson(Template template) implements Node {
        @Override
        public Value evaluate(Scope scope) {
            return new Value.Encoded(rendered(template, scope));
        }

        @Override
        public void addSlotsTo(BitSet slots) {
            template.addSlotsTo(slots);
        }
    }

    private static byte[] rendered(Template template, Scope scope) {
        var sink = new ByteArraySink(Answer.BODY_BYTES_MAX);
        template.render(scope, sink);
        return sink.toByteArray();
    }
}
