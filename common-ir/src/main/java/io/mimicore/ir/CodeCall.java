package io.mimicore.ir;

import static java.util.Objects.requireNonNull;

import java.util.List;

/// A call of user code whose result goes into a slot, made as soon as the slots it reads are
/// filled.
///
/// @param function index into [UserCode#functions()]
public record CodeCall(String name, int slot, int function, List<Argument> arguments) {
    public CodeCall {
        requireNonNull(name, "name");
        arguments = List.copyOf(arguments);
    }
}
