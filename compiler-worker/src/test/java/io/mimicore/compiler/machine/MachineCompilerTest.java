package io.mimicore.compiler.machine;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.wasm.Parser;
import io.mimicore.compiler.fixture.ModuleText;
import io.mimicore.compiler.fixture.RunningModule;
import io.mimicore.compiler.fixture.ScriptedToolchain;
import io.mimicore.ir.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MachineCompilerTest {
    @Test
    void compile_module_givesClassesOfOnePackageAndNothingElse() throws IOException {
        byte[] wasm = ScriptedToolchain.module();

        MachineOutcome.Classes classes = classes(wasm);

        String name = "io.mimicore.generated.Machine_" + Digest.of(wasm).hex().substring(0, 16);
        assertThat(classes.machineClass()).isEqualTo(name);
        assertThat(entries(classes.jar()))
                .contains(name.replace('.', '/') + ".class")
                .allMatch(entry -> entry.matches("io/mimicore/generated/\\w+\\.class"));
    }

    @Test
    void compile_sameModuleTwice_givesTheSameBytes() {
        byte[] wasm = ScriptedToolchain.module();

        assertThat(classes(wasm).jar()).isEqualTo(classes(wasm).jar());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, -1, 1 << 30, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void compile_module_computesWhatTheInterpreterDoes(int argument) throws Exception {
        byte[] wasm =
                ModuleText.withMemory()
                        .function("_initialize", List.of(), List.of(), 0x01)
                        .function(
                                "double",
                                List.of(ModuleText.I32),
                                List.of(ModuleText.I32),
                                0x20,
                                0x00,
                                0x41,
                                0x01,
                                0x74)
                        .assemble();
        MachineOutcome.Classes classes = classes(wasm);

        long compiled =
                RunningModule.compiled(wasm, classes.jar(), classes.machineClass())
                        .call("double", argument)[0];
        long interpreted = RunningModule.interpreted(wasm).call("double", argument)[0];

        assertThat((int) compiled).isEqualTo((int) interpreted).isEqualTo(2 * argument);
    }

    @Test
    void compile_severalHugeFunctions_namesEveryOne() {
        int[] huge = new int[3 * 40_000];
        for (int i = 0; i < huge.length; i += 3) {
            huge[i] = 0x20; // local.get
            huge[i + 1] = 0;
            huge[i + 2] = 0x1A; // drop
        }
        int[] calls = new int[4 * 20_000];
        for (int i = 0; i < calls.length; i += 4) {
            calls[i] = 0x20; // local.get
            calls[i + 1] = 0;
            calls[i + 2] = 0x10; // call
            calls[i + 3] = 0;
        }
        byte[] wasm =
                ModuleText.withMemory()
                        .function("small", List.of(ModuleText.I32), List.of(), 0x01)
                        .function("one", List.of(ModuleText.I32), List.of(), calls)
                        .function("two", List.of(ModuleText.I32), List.of(), calls)
                        .function("three", List.of(ModuleText.I32), List.of(), huge)
                        .assemble();

        MachineOutcome outcome = MachineCompiler.compile(Parser.parse(wasm), wasm);

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        MachineOutcome.TooLarge.class,
                        tooLarge ->
                                assertThat(tooLarge.problems())
                                        .allSatisfy(problem ->
                                                assertThat(problem.code())
                                                        .isEqualTo("WASM_TOO_LARGE"))
                                        .extracting(problem -> problem.message())
                                        .contains(
                                                "func number 1 is too large (expected: at most 64"
                                                        + " KiB of JVM code)",
                                                "func number 2 is too large (expected: at most 64"
                                                        + " KiB of JVM code)"));
    }

    private static MachineOutcome.Classes classes(byte[] wasm) {
        MachineOutcome outcome = MachineCompiler.compile(Parser.parse(wasm), wasm);
        assertThat(outcome).isInstanceOf(MachineOutcome.Classes.class);
        return (MachineOutcome.Classes) outcome;
    }

    private static List<String> entries(byte[] jar) throws IOException {
        List<String> names = new ArrayList<>();
        try (var in = new JarInputStream(new ByteArrayInputStream(jar))) {
            for (JarEntry entry = in.getNextJarEntry();
                    entry != null;
                    entry = in.getNextJarEntry()) {
                names.add(entry.getName());
            }
        }
        return names;
    }
}
