package io.mimicore.compiler.machine;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.internal.ByteClassCollector;
import com.dylibso.chicory.compiler.internal.Compiler;
import com.dylibso.chicory.compiler.internal.CompilerResult;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Version;
import com.dylibso.chicory.wasm.WasmModule;
import io.mimicore.build.SourceProblem;
import io.mimicore.ir.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.objectweb.asm.ClassTooLargeException;
import org.objectweb.asm.MethodTooLargeException;

/// Compiles a module's functions to the methods of JVM classes.
///
/// The entry class implements the runtime's `Machine` and has a constructor that takes an
/// `Instance`; all classes are of one package and refer to nothing but the runtime and the JDK. The
/// compiler itself is not needed where they run.
public final class MachineCompiler {
    /// Runtime and version that the classes work with, and no other.
    public static final String RUNTIME = "chicory " + Version.version();

    private static final String PACKAGE = "io.mimicore.generated.";

    /// The first moment that the format of jar files can name.
    private static final LocalDateTime ENTRY_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    private static final int OFFENDERS_NAMED_MAX = 20;

    private static final String HINT =
            "split it into smaller functions; a large switch or a table written as code counts most";

    private MachineCompiler() {}

    /// Compiles a module that has passed its checks.
    ///
    /// @param wasm the module's bytes, which name the classes
    public static MachineOutcome compile(WasmModule module, byte[] wasm) {
        String machineClass = PACKAGE + "Machine_" + Digest.of(wasm).hex().substring(0, 16);
        try {
            CompilerResult result =
                    Compiler.builder(module)
                            .withClassName(machineClass)
                            // Told to go on, it lists every function that is too large, not only
                            // the first.
                            .withInterpreterFallback(InterpreterFallback.SILENT)
                            .withClassCollectorFactory(ByteClassCollector::new)
                            .build()
                            .compile();
            if (!result.interpretedFunctions().isEmpty()) {
                return new MachineOutcome.TooLarge(
                        offenders(
                                module, result.interpretedFunctions().stream().sorted().toList()));
            }
            return new MachineOutcome.Classes(jar(result.classBytes()), machineClass);
        } catch (MethodTooLargeException | ClassTooLargeException e) {
            return tooLarge("the module is too large for the JVM: " + e.getMessage());
        } catch (ChicoryException e) {
            return tooLarge("the module cannot be compiled for the JVM: " + e.getMessage());
        }
    }

    private static MachineOutcome.TooLarge tooLarge(String message) {
        return new MachineOutcome.TooLarge(
                List.of(new SourceProblem(0, 0, "WASM_TOO_LARGE", message, HINT)));
    }

    private static List<SourceProblem> offenders(WasmModule module, List<Integer> functions) {
        List<SourceProblem> problems = new ArrayList<>();
        for (int function : functions.subList(0, Math.min(functions.size(), OFFENDERS_NAMED_MAX))) {
            problems.add(
                    new SourceProblem(
                            0,
                            0,
                            "WASM_TOO_LARGE",
                            "func "
                                    + nameOf(module, function)
                                    + " is too large (expected: at most 64 KiB of JVM code)",
                            HINT));
        }
        return problems;
    }

    private static String nameOf(WasmModule module, int function) {
        String name =
                module.nameSection() == null ? null : module.nameSection().nameOfFunction(function);
        return name == null ? "number " + function : name;
    }

    private static byte[] jar(Map<String, byte[]> classes) {
        SortedMap<String, byte[]> entries = new TreeMap<>();
        classes.forEach((name, bytes) -> entries.put(name.replace('.', '/') + ".class", bytes));
        var out = new ByteArrayOutputStream();
        try (var jar = new JarOutputStream(out)) {
            for (var entry : entries.entrySet()) {
                var header = new JarEntry(entry.getKey());
                // The same module must give the same bytes.
                header.setTimeLocal(ENTRY_TIME);
                jar.putNextEntry(header);
                jar.write(entry.getValue());
                jar.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("jar in memory", e);
        }
        return out.toByteArray();
    }
}
