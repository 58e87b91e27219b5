package io.mimicore.dataplane.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.mimicore.dataplane.code.CodePoolFactory.PrepareException;

/// Any bytes for a module: refused, or no longer than twice what they were.
class ModuleSkeletonFuzz {
    @FuzzTest
    void anyBytes_areRefusedOrRewritten(byte[] bytes) {
        try {
            assertThat(ModuleSkeleton.started(bytes).length).isLessThan(4 * bytes.length + 64);
        } catch (PrepareException e) {
            assertThat(e).hasMessageStartingWith("module: ");
        }
    }
}
