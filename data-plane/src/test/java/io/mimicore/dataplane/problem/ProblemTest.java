package io.mimicore.dataplane.problem;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.problem.Violation.Location;
import io.mimicore.dataplane.problem.Violation.Position;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProblemTest {
    @Test
    void toJson_problem_hasTheMembersOfRfc9457() {
        Problem problem =
                Problem.invalid(
                        List.of(
                                new Violation(
                                        Location.BODY,
                                        "/a",
                                        "syntax",
                                        "a \"quote\" and a \ud800",
                                        new Position(2, 7)),
                                Violation.of(Location.HEADER, "X-A", "required", "missing")));

        assertThat(new String(problem.toJson("id-1"), UTF_8))
                .isEqualTo(
                        """
                        {"type":"urn:mimicore:problem:invalid-request",\
                        "title":"The request is not what the route expects",\
                        "status":400,"detail":"2 violations",\
                        "instance":"urn:mimicore:request:id-1","violations":[\
                        {"in":"body","pointer":"/a","code":"syntax",\
                        "message":"a \\"quote\\" and a ?","line":2,"column":7},\
                        {"in":"header","name":"X-A","code":"required","message":"missing"}]}\
                        """);
    }

    @Test
    void invalid_veryManyViolations_listsTheFirst() {
        Problem problem =
                Problem.invalid(
                        Collections.nCopies(
                                5_000, Violation.of(Location.BODY, "", "type", "wrong")));

        assertThat(problem.violations()).hasSize(1_000);
        assertThat(problem.detail()).isEqualTo("5000 violations, the first 1000 are listed");
    }

    @ParameterizedTest
    @EnumSource(ProblemCode.class)
    void code_everyOne_isInTheManual(ProblemCode code) throws IOException {
        String root = System.getProperty("mimicore.root");
        String manual = Files.readString(Path.of(root, "docs", "problems.md"));

        assertThat(manual).contains("`" + code.type() + "` | " + code.status() + " |");
    }
}
