package io.mimicore.template;

import io.mimicore.ir.FunctionSignature;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The names that a template may use.
///
/// @param variables slots of the route by name
/// @param pathParameters names in the route's path
/// @param functions what the code exports, in the IR's order; absent: the code could not be built,
///   so that calls are not checked and give a constant that stands for their value
public record Scope(
        Map<String, Integer> variables,
        Set<String> pathParameters,
        @Nullable List<FunctionSignature> functions) {
    public Scope {
        variables = Map.copyOf(variables);
        pathParameters = Set.copyOf(pathParameters);
        functions = functions == null ? null : List.copyOf(functions);
    }
}
