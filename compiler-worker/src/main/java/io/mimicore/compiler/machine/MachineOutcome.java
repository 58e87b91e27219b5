package io.mimicore.compiler.machine;

import static java.util.Objects.requireNonNull;

import io.mimicore.build.SourceProblem;
import java.util.List;

/// What became of a module on its way to JVM classes.
public sealed interface MachineOutcome {
    /// It has classes.
    ///
    /// @param jar the classes, not copied; the same for the same module
    /// @param machineClass binary name of the entry class
    record Classes(byte[] jar, String machineClass) implements MachineOutcome {
        public Classes {
            requireNonNull(jar, "jar");
            requireNonNull(machineClass, "machineClass");
        }
    }

    /// A part of it does not fit into the JVM's limits.
    record TooLarge(List<SourceProblem> problems) implements MachineOutcome {
        public TooLarge {
            problems = List.copyOf(problems);
        }
    }
}
