package io.mimicore.dataplane.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import io.mimicore.dataplane.code.CodePoolFactory.PrepareException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ModuleSkeletonTest {
    @Test
    void starting_goModule_keepsAllButCode() throws PrepareException {
        byte[] module = TestArtifacts.playground().module();
        WasmModule before = Parser.parse(module);
        WasmModule after = Parser.parse(ModuleSkeleton.starting(module));

        assertThat(after.typeSection()).isEqualTo(before.typeSection());
        assertThat(after.importSection()).isEqualTo(before.importSection());
        assertThat(after.functionSection()).isEqualTo(before.functionSection());
        assertThat(after.tableSection()).isEqualTo(before.tableSection());
        assertThat(after.globalSection().globalCount())
                .isEqualTo(before.globalSection().globalCount());
        assertThat(after.exportSection()).isEqualTo(before.exportSection());
        assertThat(after.elementSection()).isEqualTo(before.elementSection());
        assertThat(after.dataSection().dataSegmentCount())
                .isEqualTo(before.dataSection().dataSegmentCount());
        assertThat(after.dataSection().getDataSegment(0).data())
                .isEqualTo(before.dataSection().getDataSegment(0).data());
        assertThat(after.codeSection().functionBodyCount())
                .isEqualTo(before.codeSection().functionBodyCount());
        assertThat(after.codeSection().getFunctionBody(0).instructions()).hasSizeLessThan(3);
        assertThat(after.customSections()).isEmpty();
    }

    @Test
    void started_module_hasNoStartSection() throws PrepareException {
        byte[] module = new ModuleWriter().action("begin").start(0).write();

        assertThat(Parser.parse(ModuleSkeleton.starting(module)).startSection()).isPresent();
        assertThat(Parser.parse(ModuleSkeleton.started(module)).startSection()).isEmpty();
    }

    @Test
    void starting_skeleton_isItself() throws PrepareException {
        byte[] once = ModuleSkeleton.starting(TestArtifacts.playground().module());

        assertThat(ModuleSkeleton.starting(once)).isEqualTo(once);
    }

    @Test
    void starting_moduleCutAnywhere_isRefusedOrAsLong() throws PrepareException {
        byte[] module = new ModuleWriter().table(3).passive("abc").function("f", 0x42, 1).write();
        byte[] whole = ModuleSkeleton.starting(module);
        int refused = 0;
        for (int length = 0; length < module.length; length++) {
            byte[] cut = Arrays.copyOf(module, length);
            try {
                // Between two sections nothing is missing that this class would know of.
                assertThat(whole).startsWith(ModuleSkeleton.starting(cut));
            } catch (PrepareException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(module.length / 2);
    }

    @Test
    void starting_hugeCountOfBodies_isRefused() {
        byte[] module = {0, 'a', 's', 'm', 1, 0, 0, 0, 10, 5, -1, -1, -1, -1, 15};

        assertThatExceptionOfType(PrepareException.class)
                .isThrownBy(() -> ModuleSkeleton.starting(module));
    }
}
