package io.mimicore.dataplane.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.ir.HostPattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostTableTest {
    @ParameterizedTest
    @CsvSource({
        "shop.example.com, exact",
        "shop.example.com., exact",
        "www.example.com, example.com",
        "a.b.example.com, example.com",
        "x.dev.example.com, dev.example.com",
        "dev.example.com, example.com",
        "example.com,",
        "badexample.com,",
        "my_api.localhost, my_api",
        "my_api.a.b.c, my_api",
        "my_api, my_api",
        "my_api., my_api",
        "my_api.example.com, example.com",
        "my_ap.localhost,",
        "'',",
        "., ",
    })
    void find_host_mostSpecialPatternWins(String host, @Nullable String expected) {
        HostTable.Builder<String> builder = HostTable.builder();
        builder.add(new HostPattern.Exact("shop.example.com"), "exact");
        builder.add(new HostPattern.Suffix("example.com"), "example.com");
        builder.add(new HostPattern.Suffix("dev.example.com"), "dev.example.com");
        builder.add(new HostPattern.FirstLabel("my_api"), "my_api");

        assertThat(builder.build().find(host)).isEqualTo(expected);
    }

    @Test
    void add_patternTwice_tellsTheOwnerAndKeepsIt() {
        HostTable.Builder<String> builder = HostTable.builder();

        assertThat(builder.add(new HostPattern.Exact("a.b"), "first")).isNull();
        assertThat(builder.add(new HostPattern.Exact("a.b"), "second")).isEqualTo("first");
        assertThat(builder.add(new HostPattern.Suffix("a.b"), "second")).isNull();
        assertThat(builder.build().find("a.b")).isEqualTo("first");
    }

    @Test
    void find_tenThousandHosts_eachFindsItsOwn() {
        HostTable.Builder<Integer> builder = HostTable.builder();
        for (int i = 0; i < 10_000; i++) {
            builder.add(new HostPattern.FirstLabel("api" + i), i);
        }
        HostTable<Integer> table = builder.build();

        for (int i = 0; i < 10_000; i++) {
            assertThat(table.find("api" + i + ".localhost")).isEqualTo(i);
        }
        assertThat(table.find("api10000.localhost")).isNull();
    }
}
