package io.mimicore.compiler.toolchain;

import io.mimicore.compiler.sandbox.BuildSandbox;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The toolchains of this machine.
///
/// @param toolchains at least the one for prebuilt modules, which needs nothing
/// @param missing by name, what is not there and how to get it
public record FoundToolchains(List<Toolchain> toolchains, Map<String, String> missing) {
    public FoundToolchains {
        toolchains = List.copyOf(toolchains);
        missing = Map.copyOf(missing);
    }

    /// Looks for every toolchain there is.
    ///
    /// @throws BuildMachineException if the sandbox does not work
    public static FoundToolchains find(BuildSandbox sandbox, ProgramSearch search)
            throws BuildMachineException, InterruptedException {
        List<Toolchain> found = new ArrayList<>();
        Map<String, String> missing = new LinkedHashMap<>();
        try {
            found.add(GoToolchain.find(sandbox, search));
        } catch (ToolchainMissingException e) {
            missing.put(GoToolchain.NAME, e.getMessage());
        }
        try {
            found.add(TinyGoToolchain.find(sandbox, search));
        } catch (ToolchainMissingException e) {
            missing.put(TinyGoToolchain.NAME, e.getMessage());
        }
        found.add(new PrebuiltModule());
        return new FoundToolchains(found, missing);
    }
}
