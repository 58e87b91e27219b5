package io.mimicore.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.TextTemplate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Templates that are large, deep or hostile.
class TemplateLimitTest {
    private static final int SOURCE_CHARS = 4 * 1024 * 1024;
    private static final Scope SCOPE =
            new Scope(Map.of("x", 0), Set.of(), List.of(new FunctionSignature.Raw("f")));

    private final List<TemplateProblem> problems = new ArrayList<>();
    private final TemplateCompiler compiler = new TemplateCompiler(SCOPE, problems::add);

    @ParameterizedTest
    @CsvSource({"f(,x,),31", "f(f(,x,)),15", "'',x | upper,'',1", "'',x, | upper,31"})
    void text_nestedToTheLimit_isCompiled(String before, String middle, String after, int times) {
        String template = "{{" + before.repeat(times) + middle + after.repeat(times) + "}}";

        assertThat(compiler.text(template).parts()).hasSize(1);
        assertThat(problems).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"f(,x,),32", "'',x, | upper,32", "x | default(,x,),32", "f(,x,),100000"})
    void text_nestedDeeper_isALimit(String before, String middle, String after, int times) {
        String template = "{{" + before.repeat(times) + middle + after.repeat(times) + "}} {{y}}";
        compiler.text(template);

        assertThat(problems)
                .extracting(TemplateProblem::code)
                .containsExactly(DiagnosticCode.LIMIT, DiagnosticCode.NAME_UNKNOWN);
        assertThat(problems.getFirst().message())
                .isEqualTo(
                        "expression: nested deeper than 32 (expected: <= 32 calls and filters"
                                + " within each other)");
    }

    @Test
    void text_wrongEverywhere_reportsTheFirstTwenty() {
        compiler.text("{{y}}".repeat(1_000));

        assertThat(problems).hasSize(ProblemSink.PROBLEMS_MAX);
        assertThat(problems.getLast().offset()).isEqualTo(19 * 5 + 2);
    }

    @Test
    void text_longNumber_isALimit() {
        compiler.text("{{" + "1".repeat(1_001) + "}}");

        assertThat(problems)
                .containsExactly(
                        new TemplateProblem(
                                2,
                                1_001,
                                DiagnosticCode.LIMIT,
                                "number: 1001 characters (expected: <= 1000)",
                                ""));
        assertThat(new TemplateCompiler(SCOPE, problems::add).text("{{" + "1".repeat(1_000) + "}}"))
                .isNotNull();
        assertThat(problems).hasSize(1);
    }

    @Test
    void text_unpairedSurrogate_isReportedAtItsPlace() {
        compiler.text("{{x}}\ud83d");

        assertThat(problems)
                .extracting(TemplateProblem::offset, TemplateProblem::message)
                .containsExactly(tuple(5, "text: an unpaired surrogate (expected: Unicode text)"));
    }

    @Test
    @Timeout(300)
    void text_largeTemplates_areCompiledInLinearTime() {
        String holes = "{{x}} ".repeat(SOURCE_CHARS / 6);
        TextTemplate template = compiler.text(holes);

        assertThat(template.parts()).hasSize(2 * (SOURCE_CHARS / 6));
        assertThat(compiler.text("{{x" + ".a".repeat(SOURCE_CHARS / 2) + "}}").parts()).hasSize(1);
        assertThat(compiler.text("{{'" + "\\n".repeat(SOURCE_CHARS / 2) + "'}}").parts())
                .hasSize(1);
        assertThat(problems).isEmpty();
    }

    /// Each of these made some simpler parser look to the string's end again and again.
    @ParameterizedTest
    @Timeout(300)
    @ValueSource(
            strings = {
                "{{",
                "{{ '",
                "{{'\\'",
                "{{\"'",
                "{{ ) '",
                "{{y",
                "{{y}}",
                "{{f(",
                "{{x|upper",
                "{{x.",
                "{{1",
                "{",
                "'\\'",
                "{{ ) \\'",
                "{{x[",
                "{{f(x,"
            })
    void text_hostileTemplates_areRefusedInLinearTime(String piece) {
        compiler.text("{{ ) '" + piece.repeat(SOURCE_CHARS / piece.length()));
        compiler.text("{{" + piece.repeat(SOURCE_CHARS / piece.length()));

        assertThat(problems).hasSizeBetween(1, 2 * ProblemSink.PROBLEMS_MAX);
    }
}
