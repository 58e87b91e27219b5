package io.mimicore.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.fuzzing.SeededInputs;
import io.mimicore.ir.Digest;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Whatever the bytes are, a file has an outcome: it compiles, or its problems are inside it.
class ConfigReaderFuzz {
    @FuzzTest(maxDuration = "60m", maxExecutions = 1_000_000)
    void read_anyBytes_givesAnOutcome(byte[] content) {
        ConfigFile file = new ConfigFile("fuzz.json", content);
        ReadOutcome outcome = ConfigReader.read(file);
        if (outcome instanceof ReadOutcome.Read read) {
            ConfigDocument document = read.document();
            CodeState code =
                    document.code() == null
                            ? new CodeState.NoCode()
                            : new CodeState.Built(Digest.of(content), List.of());
            CompileOutcome compiled =
                    ConfigCompiler.compile(document, code, EnumSet.allOf(Feature.class));
            if (compiled instanceof CompileOutcome.Rejected rejected) {
                assertThat(rejected.diagnostics()).anyMatch(Diagnostic::isError);
            }
            assertThat(DiagnosticPrinter.of(file).print(compiled.diagnostics())).isNotNull();
        } else {
            assertThat(outcome.diagnostics()).anyMatch(Diagnostic::isError);
        }
        assertThat(outcome.diagnostics())
                .allSatisfy(problem ->
                        assertThat(problem.place().column()).isBetween(1, content.length + 1));
    }

    @Test
    void read_mutatedFiles_givesAnOutcome() {
        SeededInputs.kept(ConfigReaderFuzz.class, "read_anyBytes_givesAnOutcome")
                .tokens(
                        "{",
                        "}",
                        "[",
                        "]",
                        ",",
                        ":",
                        "\"",
                        "\\u",
                        "null",
                        "true",
                        "-0",
                        "1e999",
                        "{{",
                        "}}",
                        "{{x | json}}",
                        "\"routes\":",
                        "\"path\":",
                        "\"/a/{b...}\"",
                        "\"proxy\"")
                .feed(1, this::read_anyBytes_givesAnOutcome);
    }
}
