package io.mimicore.dataplane.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.Parser;
import io.mimicore.dataplane.code.CodePoolFactory.PrepareException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MachineClassesTest {
    private ClassLoader loader;

    @BeforeAll
    void load() throws PrepareException {
        loader = newLoader();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "java.lang.Runtime",
                "java.lang.ProcessBuilder",
                "java.lang.reflect.Method",
                "java.io.File",
                "java.net.Socket",
                "io.mimicore.dataplane.wasm.FlatMemory",
                "org.slf4j.Logger",
                "com.dylibso.chicory.runtime.internal.CompilerInterpreterMachine",
                "com.dylibso.chicory.compiler.MachineFactoryCompiler"
            })
    void load_classThatGeneratedCodeDoesNotNeed_isNotVisible(String name) {
        assertThatExceptionOfType(ClassNotFoundException.class)
                .isThrownBy(() -> Class.forName(name, false, loader));
    }

    @Test
    void load_twice_definesTheClassesTwice() throws PrepareException {
        assertThat(newLoader()).isNotSameAs(loader);
    }

    private static ClassLoader newLoader() throws PrepareException {
        var artifact = TestArtifacts.playground();
        var machines = MachineClasses.load("test", artifact.classes(), TestArtifacts.MACHINE_CLASS);
        var instance =
                Instance.builder(Parser.parse(new ModuleWriter().write()))
                        .withMachineFactory(machines)
                        .build();
        return instance.getMachine().getClass().getClassLoader();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "io.mimicore.generated.Other",
                "java.lang.Object",
                "com.dylibso.chicory.runtime.InterpreterMachine"
            })
    void load_machineThatIsNotInTheJar_isRefused(String name) {
        assertThatExceptionOfType(PrepareException.class)
                .isThrownBy(() ->
                        MachineClasses.load("test", TestArtifacts.playground().classes(), name))
                .withMessageStartingWith("machine class: " + name);
    }

    @Test
    void load_classFileThatIsNone_isRefused() throws IOException {
        byte[] jar = jar(Map.of("a/B.class", new byte[] {1, 2, 3}));

        assertThatExceptionOfType(PrepareException.class)
                .isThrownBy(() -> MachineClasses.load("test", jar, "a.B"))
                .withMessageStartingWith("machine class: a.B does not load");
    }

    @Test
    void load_classInAPackageOfTheJdk_isRefused() throws IOException {
        byte[] jar = jar(Map.of("java/lang/Evil.class", new byte[] {1, 2, 3}));

        assertThatExceptionOfType(PrepareException.class)
                .isThrownBy(() -> MachineClasses.load("test", jar, "java.lang.Evil"))
                .withMessageStartingWith("machine class: java.lang.Evil does not load");
    }

    @Test
    void load_classThatIsNoMachine_isRefused() throws IOException {
        byte[] bytes;
        try (var in = ModuleWriter.class.getResourceAsStream("ModuleWriter.class")) {
            assertThat(in).isNotNull();
            bytes = in.readAllBytes();
        }
        String name = ModuleWriter.class.getName();
        byte[] jar = jar(Map.of(name.replace('.', '/') + ".class", bytes));

        assertThatExceptionOfType(PrepareException.class)
                .isThrownBy(() -> MachineClasses.load("test", jar, name))
                .withMessageStartingWith("machine class: " + name + " does not load");
    }

    private static byte[] jar(Map<String, byte[]> entries) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var jar = new JarOutputStream(out)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                jar.putNextEntry(new JarEntry(entry.getKey()));
                jar.write(entry.getValue());
                jar.closeEntry();
            }
        }
        return out.toByteArray();
    }
}
