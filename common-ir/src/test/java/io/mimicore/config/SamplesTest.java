package io.mimicore.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.ApiIr;
import io.mimicore.ir.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Files in the form that authors have, which must go on working unchanged.
class SamplesTest {
    private static final Path DIRECTORY = Path.of("src/test/resources/samples");

    @Test
    void samples_all_areTested() throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "dashboard_api.json",
                            "legacy_v1.json",
                            "my_api.json",
                            "orders_api.json",
                            "socket_proxy.json");
        }
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "dashboard_api, none",
                "legacy_v1, none",
                "my_api, double(uint64) uint64",
                "orders_api, price raw",
                "socket_proxy, none"
            })
    void sample_compiled_isRightWithoutWarning(String name, String function) throws IOException {
        ConfigDocument document = document(name);
        CodeState code =
                document.code() == null
                        ? new CodeState.NoCode()
                        : new CodeState.Built(
                                Digest.of(new byte[0]), List.of(GoldenCase.function(function)));

        CompileOutcome outcome =
                ConfigCompiler.compile(document, code, EnumSet.allOf(Feature.class));

        assertThat(outcome.diagnostics()).isEmpty();
        assertThat(outcome).isInstanceOf(CompileOutcome.Compiled.class);
        ApiIr api = ((CompileOutcome.Compiled) outcome).api();
        assertThat(api.name()).isEqualTo(name).isEqualTo(document.api());
        assertThat(api.userCode() == null).isEqualTo(function == null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dashboard_api", "socket_proxy"})
    void sample_withUnservedFeature_saysOnlyThat(String name) throws IOException {
        CompileOutcome outcome =
                ConfigCompiler.compile(document(name), new CodeState.NoCode(), Set.of());

        assertThat(outcome.diagnostics())
                .singleElement()
                .satisfies(problem ->
                        assertThat(problem.code()).isEqualTo(DiagnosticCode.UNSUPPORTED));
    }

    private static ConfigDocument document(String name) throws IOException {
        String file = name + ".json";
        ReadOutcome outcome =
                ConfigReader.read(
                        new ConfigFile(file, Files.readAllBytes(DIRECTORY.resolve(file))));
        assertThat(outcome.diagnostics()).isEmpty();
        assertThat(outcome).isInstanceOf(ReadOutcome.Read.class);
        return ((ReadOutcome.Read) outcome).document();
    }
}
