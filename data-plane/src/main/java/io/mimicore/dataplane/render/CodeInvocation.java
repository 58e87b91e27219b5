package io.mimicore.dataplane.render;

import java.util.BitSet;
import java.util.List;

/// A call of user code that has to be made before a template that shows its result is rendered.
///
/// @param slot gets the result
/// @param function index into the API's functions
public record CodeInvocation(int slot, int function, List<Node> arguments) {
    public CodeInvocation {
        arguments = List.copyOf(arguments);
    }

    /// Every slot that its arguments read.
    public BitSet reads() {
        BitSet slots = new BitSet();
        arguments.forEach(argument -> argument.addSlotsTo(slots));
        return slots;
    }
}
