package io.mimicore.compiler.sandbox;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A command line with all that it may see.
///
/// @param arguments program, by its absolute path, and arguments
/// @param directory where it runs
/// @param environment all variables it gets; none is inherited
/// @param input its standard input, not copied
public record SandboxCommand(
        List<String> arguments, Path directory, Map<String, String> environment, byte[] input) {
    public SandboxCommand {
        arguments = List.copyOf(arguments);
        requireNonNull(directory, "directory");
        environment = Map.copyOf(environment);
        requireNonNull(input, "input");
    }
}
