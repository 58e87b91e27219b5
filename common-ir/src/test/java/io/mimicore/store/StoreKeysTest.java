package io.mimicore.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.ir.Digest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreKeysTest {
    private static final Digest BUILD = new Digest("0123456789abcdef".repeat(4));

    private final StoreKeys keys = new StoreKeys("test");

    @Test
    void buildKey_anyKeyOfABuild_isTheBuild() {
        assertThat(keys.buildKey(keys.buildState(BUILD))).isEqualTo(BUILD);
        assertThat(keys.buildKey(keys.buildOwner(BUILD))).isEqualTo(BUILD);
        assertThat(keys.buildKey(keys.buildRequest(BUILD))).isEqualTo(BUILD);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "short/state", "no digest"})
    void buildKey_otherNameBelowBuilds_isNone(String rest) {
        assertThat(keys.buildKey(keys.builds() + rest)).isNull();
        assertThat(keys.buildKey(keys.builds() + "g".repeat(64) + "/" + rest)).isNull();
    }

    @Test
    void buildKey_nameElsewhere_isNone() {
        String foreign = new StoreKeys("tent").buildState(BUILD);

        assertThat(keys.buildKey(foreign)).isNull();
        assertThat(keys.buildKey("")).isNull();
    }
}
