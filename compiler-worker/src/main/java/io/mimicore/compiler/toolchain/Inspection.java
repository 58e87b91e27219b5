package io.mimicore.compiler.toolchain;

import static java.util.Objects.requireNonNull;

import io.mimicore.build.SourceProblem;
import io.mimicore.ir.FunctionSignature;
import java.util.List;

/// What the inspector says of a source.
///
/// @param problems if there are any, the rest is not to be used
/// @param functions in the order of the source
/// @param main the source with its export directives rewritten; lines are kept
/// @param abi the generated file that carries values between the host and the functions
record Inspection(
        List<SourceProblem> problems, List<InspectedFunction> functions, String main, String abi) {
    Inspection {
        problems = List.copyOf(problems);
        functions = List.copyOf(functions);
        requireNonNull(main, "main");
        requireNonNull(abi, "abi");
    }

    List<FunctionSignature> signatures() {
        return functions.stream().map(InspectedFunction::signature).toList();
    }

    /// An exported function and where its name stands.
    record InspectedFunction(FunctionSignature signature, int line, int column) {
        InspectedFunction {
            requireNonNull(signature, "signature");
        }
    }
}
