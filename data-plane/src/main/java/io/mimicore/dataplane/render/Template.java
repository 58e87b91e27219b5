package io.mimicore.dataplane.render;

import io.mimicore.dataplane.http.ByteSink;
import io.mimicore.dataplane.value.ByteArraySink;
import io.mimicore.dataplane.value.ValuePrinter;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/// A text or JSON template as a row of encoded bytes and holes. Immutable.
public final class Template {
    private final Part[] parts;

    private Template(List<Part> parts) {
        this.parts = parts.toArray(Part[]::new);
    }

    /// Writes the text with every hole filled.
    ///
    /// @throws ByteSink.Overflow when the sink, or a text on the way, is full
    public void render(Scope scope, ByteSink sink) {
        for (Part part : parts) {
            switch (part) {
                case Bytes bytes -> sink.write(bytes.utf8());
                case TextHole hole -> ValuePrinter.printText(hole.node().evaluate(scope), sink);
                case StringHole hole ->
                        ValuePrinter.printInString(hole.node().evaluate(scope), sink);
                case JsonHole hole -> ValuePrinter.printJson(hole.node().evaluate(scope), sink);
            }
        }
    }

    /// Whether it is the same text for every request.
    public boolean isConstant() {
        return parts.length == 0 || (parts.length == 1 && parts[0] instanceof Bytes);
    }

    /// The text of a constant template, in UTF-8. Nobody may write to it.
    public byte[] constant() {
        if (!isConstant()) {
            throw new IllegalStateException("template: with holes (expected: constant)");
        }
        return parts.length == 1 && parts[0] instanceof Bytes bytes ? bytes.utf8() : new byte[0];
    }

    /// Adds every slot it reads.
    public void addSlotsTo(BitSet slots) {
        for (Part part : parts) {
            switch (part) {
                case Bytes _ -> {}
                case TextHole hole -> hole.node().addSlotsTo(slots);
                case StringHole hole -> hole.node().addSlotsTo(slots);
                case JsonHole hole -> hole.node().addSlotsTo(slots);
            }
        }
    }

    private sealed interface Part {}

    private record Bytes(byte[] utf8) implements Part {}

    private record TextHole(Node node) implements Part {}

    private record StringHole(Node node) implements Part {}

    private record JsonHole(Node node) implements Part {}

    /// Joins what is known and keeps the holes apart.
    static final class Builder {
        private final List<Part> parts = new ArrayList<>();
        private ByteArraySink known = new ByteArraySink(Integer.MAX_VALUE - 8);

        void addText(String text) {
            known.writeUtf8(text);
        }

        void addTextHole(Node node) {
            if (node instanceof Node.Constant constant) {
                ValuePrinter.printText(constant.value(), known);
            } else {
                addHole(new TextHole(node));
            }
        }

        void addStringHole(Node node) {
            if (node instanceof Node.Constant constant) {
                ValuePrinter.printInString(constant.value(), known);
            } else {
                addHole(new StringHole(node));
            }
        }

        void addJsonHole(Node node) {
            if (node instanceof Node.Constant constant) {
                ValuePrinter.printJson(constant.value(), known);
            } else {
                addHole(new JsonHole(node));
            }
        }

        Template build() {
            flush();
            return new Template(parts);
        }

        private void addHole(Part hole) {
            flush();
            parts.add(hole);
        }

        private void flush() {
            if (known.size() > 0) {
                parts.add(new Bytes(known.toByteArray()));
                known = new ByteArraySink(Integer.MAX_VALUE - 8);
            }
        }
    }
}
