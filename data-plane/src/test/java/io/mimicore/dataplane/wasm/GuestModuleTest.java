package io.mimicore.dataplane.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.artifact.Artifact;
import io.mimicore.dataplane.code.CodePoolFactory.PrepareException;
import io.mimicore.ir.UserCode;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class GuestModuleTest {
    private static final int ROUNDS = 20;

    private final MemoryBudget budget = new MemoryBudget(PoolFixture.MEMORY_BYTES_MAX);

    /// Before, each took an array for its memory, and an object for each entry of its table.
    @Test
    void renew_brokenInstance_allocatesLessThanAPage() throws PrepareException {
        GuestFactory factory = playground();
        Guest guest = factory.create();
        long before = budget.used();

        long allocated = allocatedBytes();
        for (int i = 0; i < ROUNDS; i++) {
            guest.memory().grow(100);
            guest.memory().writeI32(i * 10_000, -1);
            guest = factory.renew(guest);
        }
        // Of that, most are the arrays of its table, and one array that it grows into.
        assertThat((allocatedBytes() - allocated - (64 << 20)) / ROUNDS).isLessThan(256 << 10);
        assertThat(budget.used()).isEqualTo(before);
        assertThat(factory.image().isStateOf(guest.instance(), guest.memory())).isTrue();
    }

    @Test
    void newInstance_ofAnImage_hasTheTableOfTheStart() throws PrepareException {
        GuestFactory factory = playground();
        Guest first = factory.module().startGuest();
        Guest later = factory.create();

        int[] expected = FixedTable.entries(first.instance().table(0));
        assertThat(expected).hasSizeGreaterThan(100);
        assertThat(FixedTable.entries(later.instance().table(0))).isEqualTo(expected);
        assertThat(later.instance().table(0).instance(expected.length - 1))
                .isSameAs(later.instance());
    }

    private GuestFactory playground() throws PrepareException {
        Artifact artifact = TestArtifacts.playground();
        UserCode code = PoolFixture.code(artifact.manifest().functions(), 20_000);
        var environment = new GuestEnvironment(PoolFixture.sources(), budget);
        GuestModule module = GuestModule.load("test", code, artifact, environment);
        var log = new UserCodeLog(_ -> {}, System::nanoTime);
        WarmImage image =
                new WarmStart(module, code.maxMemoryMib(), log, System::nanoTime)
                        .take("test", Duration.ofSeconds(20));
        return new GuestFactory(module, image, budget);
    }

    private static long allocatedBytes() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        return threads.getCurrentThreadAllocatedBytes();
    }
}
