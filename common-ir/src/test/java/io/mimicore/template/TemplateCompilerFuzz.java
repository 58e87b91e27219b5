package io.mimicore.template;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.driver.FuzzedDataProviderImpl;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.mimicore.fuzzing.SeededInputs;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.NumericType;
import io.mimicore.ir.TextTemplate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TemplateCompilerFuzz {
    private static final Scope SCOPE =
            new Scope(
                    Map.of("x", 0, "svc", 1),
                    Set.of("id"),
                    List.of(
                            new FunctionSignature.Numeric(
                                    "double", List.of(NumericType.UINT64), NumericType.UINT64),
                            new FunctionSignature.Raw("price")));
    private static final TemplatePrinter PRINTER =
            new TemplatePrinter(Map.of(0, "x", 1, "svc"), List.of("double", "price"));

    /// Any text is either reported inside itself, or compiles to a template that prints and reads
    /// back.
    @FuzzTest(maxDuration = "60m", maxExecutions = 1_000_000)
    void text_anything_isReportedOrReadBack(FuzzedDataProvider data) {
        String source = data.consumeRemainingAsString();
        List<TemplateProblem> problems = new ArrayList<>();
        TemplateCompiler compiler = new TemplateCompiler(SCOPE, problems::add);
        TextTemplate template = compiler.text(source);
        for (TemplateProblem problem : problems) {
            assertThat(problem.offset() + problem.length()).isLessThanOrEqualTo(source.length());
        }
        int reported = problems.size();
        compiler.jsonString(source);
        compiler.argument(source);
        assertThat(problems).hasSize(3 * reported);
        if (reported == 0) {
            assertThat(compiler.text(PRINTER.text(template))).isEqualTo(template);
        }
    }

    @Test
    void text_mutated_isReportedOrReadBack() {
        SeededInputs.kept(TemplateCompilerFuzz.class, "text_anything_isReportedOrReadBack")
                .tokens(
                        "{{",
                        "}}",
                        "|",
                        "'",
                        "\"",
                        "(",
                        ")",
                        "[0]",
                        ".",
                        "x",
                        "svc",
                        "double",
                        "json",
                        "default(")
                .feed(
                        3,
                        text ->
                                text_anything_isReportedOrReadBack(
                                        FuzzedDataProviderImpl.withJavaData(text)));
    }
}
