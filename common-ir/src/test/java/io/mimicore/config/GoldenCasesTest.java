package io.mimicore.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.diagnostics.DiagnosticCode;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Runs every [GoldenCase]. `-Dgolden.update=true` writes what comes out into the files; read the
/// difference before it is committed.
class GoldenCasesTest {
    /// Codes that no file can cause: they are reported by who finds and opens files.
    private static final Set<DiagnosticCode> RAISED_ELSEWHERE =
            EnumSet.of(
                    DiagnosticCode.ARTIFACT_UNAVAILABLE,
                    DiagnosticCode.FILE_UNREADABLE,
                    DiagnosticCode.SOURCE_ALARM,
                    DiagnosticCode.INTERNAL);

    static List<GoldenCase> cases() {
        return GoldenCase.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void file_compiled_givesWhatTheCaseSays(GoldenCase golden) {
        Map<String, String> actual = run(golden);
        if (Boolean.getBoolean("golden.update")) {
            golden.rewrite(actual);
            return;
        }
        Map<String, String> expected = new LinkedHashMap<>(golden.sections());
        expected.keySet().retainAll(Set.of("ir", "diagnostics"));

        assertThat(actual).as(golden.name()).isEqualTo(expected);
    }

    @Test
    void cases_together_coverEveryCode() {
        Set<DiagnosticCode> covered = EnumSet.copyOf(RAISED_ELSEWHERE);
        for (GoldenCase golden : cases()) {
            String diagnostics = golden.sections().getOrDefault("diagnostics", "");
            for (DiagnosticCode code : DiagnosticCode.values()) {
                if (diagnostics.contains(" " + code + ": ")) {
                    covered.add(code);
                }
            }
        }

        assertThat(covered).containsExactlyInAnyOrder(DiagnosticCode.values());
    }

    private static Map<String, String> run(GoldenCase golden) {
        Map<String, String> actual = new LinkedHashMap<>();
        switch (ConfigReader.read(golden.file())) {
            case ReadOutcome.Unreadable unreadable ->
                    actual.put("diagnostics", print(unreadable.diagnostics()));
            case ReadOutcome.Read read -> {
                CodeState code =
                        read.document().code() == null ? new CodeState.NoCode() : golden.code();
                CompileOutcome outcome =
                        ConfigCompiler.compile(read.document(), code, golden.served());
                if (!outcome.diagnostics().isEmpty()) {
                    actual.put("diagnostics", print(outcome.diagnostics()));
                }
                if (outcome instanceof CompileOutcome.Compiled compiled) {
                    actual.put("ir", IrPrinter.print(compiled.api()));
                }
                // Without hints: one about a name can say more once the functions are known.
                assertThat(outcome.diagnostics().stream().map(Diagnostic::headline))
                        .as("the reader's problems are among the compiler's")
                        .containsAll(
                                read.diagnostics().stream().map(Diagnostic::headline).toList());
            }
        }
        return actual;
    }

    private static String print(List<Diagnostic> diagnostics) {
        StringBuilder text = new StringBuilder();
        for (Diagnostic diagnostic : diagnostics) {
            text.append(diagnostic.headline()).append('\n');
            if (!diagnostic.hint().isEmpty()) {
                text.append("hint: ").append(diagnostic.hint()).append('\n');
            }
        }
        return text.toString();
    }
}
