package io.mimicore.dataplane.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.mimicore.dataplane.code.CodePoolFactory.PrepareException;
import io.mimicore.fuzzing.SeededInputs;
import org.junit.jupiter.api.Test;

/// Any bytes for a module: refused, or no longer than twice what they were.
class ModuleSkeletonFuzz {
    @FuzzTest(maxDuration = "60m", maxExecutions = 1_000_000)
    void anyBytes_areRefusedOrRewritten(byte[] bytes) {
        try {
            assertThat(ModuleSkeleton.started(bytes).length).isLessThan(4 * bytes.length + 64);
        } catch (PrepareException e) {
            assertThat(e).hasMessageStartingWith("module: ");
        }
    }

    @Test
    void mutatedModules_areRefusedOrRewritten() {
        SeededInputs.of(new ModuleWriter().write(), TestArtifacts.build("playground"))
                .feed(4, this::anyBytes_areRefusedOrRewritten);
    }
}
