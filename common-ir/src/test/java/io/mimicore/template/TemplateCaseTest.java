package io.mimicore.template;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Runs the golden cases of `src/test/resources/template-cases`.
class TemplateCaseTest {
    static final List<String> FILES =
            List.of(
                    "text.case",
                    "json.case",
                    "argument.case",
                    "request.case",
                    "syntax-errors.case",
                    "name-errors.case",
                    "call-errors.case",
                    "without-code.case",
                    "unbuilt-code.case");

    @TestFactory
    List<DynamicTest> compile_case_givesWhatIsWritten() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (TemplateCase each : cases()) {
            tests.add(
                    DynamicTest.dynamicTest(
                            each.name(),
                            () -> assertThat(each.outcome()).isEqualTo(each.expected())));
        }
        return tests;
    }

    @Test
    void cases_ofAllFiles_areManyAndUnlike() throws IOException {
        List<TemplateCase> cases = cases();
        Set<List<Object>> seen = new HashSet<>();
        for (TemplateCase each : cases) {
            assertThat(seen.add(List.of(each.setting(), each.template()))).as(each.name()).isTrue();
        }
        assertThat(cases).hasSizeGreaterThan(100);
    }

    private static List<TemplateCase> cases() throws IOException {
        List<TemplateCase> cases = new ArrayList<>();
        for (String file : FILES) {
            try (InputStream in =
                    requireNonNull(
                            TemplateCaseTest.class.getResourceAsStream("/template-cases/" + file),
                            file)) {
                cases.addAll(TemplateCase.parse(file, new String(in.readAllBytes(), UTF_8)));
            }
        }
        return cases;
    }
}
