package io.mimicore.dataplane.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class DiskTroubleTest {
    @Test
    void failed_againAndAgain_isSaidOnceUntilItWorks() {
        var trouble = new DiskTrouble("something is lost");

        assertThat(trouble.failed(new IOException("full"))).isTrue();
        assertThat(trouble.failed(new IOException("full"))).isFalse();

        trouble.worked();
        assertThat(trouble.failed(new IOException("full"))).isTrue();
    }
}
