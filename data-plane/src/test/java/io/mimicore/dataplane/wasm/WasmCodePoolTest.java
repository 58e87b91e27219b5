package io.mimicore.dataplane.wasm;

import static io.mimicore.dataplane.wasm.PoolFixture.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.code.CodePool;
import io.mimicore.dataplane.code.CodePoolFactory.PrepareException;
import io.mimicore.dataplane.value.Value;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WasmCodePoolTest {
    private PoolFixture node;
    private CodePool pool;

    @BeforeAll
    void start() throws PrepareException {
        node = new PoolFixture();
        pool = node.playground(5_000);
    }

    @AfterAll
    void stop() {
        pool.close();
        node.close();
    }

    @Test
    void call_numbers_returnsNumber() {
        assertThat(value(pool, "double", Value.Whole.of(21))).isEqualTo(new Value.Whole(42, true));
    }
}
