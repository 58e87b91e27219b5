package io.mimicore.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaParameterizedType;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// The arrows between packages that must not exist, and a few rules of style that only byte code
/// shows.
///
/// A rule whose subject matches no class fails, so a renamed package cannot switch it off. One
/// instance runs all rules, because reading the classes takes longer than checking them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ArchitectureTest {
    private static final String PRODUCT = "io.mimicore..";
    private static final String GENERATED = "io.mimicore.proto..";
    private static final List<String> OUTSIDE_TESTS =
            List.of(
                    "io.mimicore.ir",
                    "io.mimicore.controlplane",
                    "io.mimicore.compiler",
                    "io.mimicore.dataplane",
                    "io.mimicore.cli");

    private final JavaClasses product =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .withImportOption(location -> !location.contains("testkit"))
                    .importPackages("io.mimicore");

    @Test
    void product_imported_holdsEveryModule() {
        assertThat(OUTSIDE_TESTS)
                .allSatisfy(name ->
                        assertThat(product)
                                .as(name)
                                .anyMatch(type -> type.getPackageName().startsWith(name)));
    }

    @Test
    void irModel_dependsOnlyOnTheJdk() {
        check(
                classes()
                        .that()
                        .resideInAPackage("io.mimicore.ir")
                        .should()
                        .onlyDependOnClassesThat()
                        .resideInAnyPackage("io.mimicore.ir", "java..", "org.jspecify..")
                        .because(
                                "every role reads the model: what it imports, all of them carry and"
                                        + " must keep compatible"));
    }

    @Test
    void dataPlane_knowsNoOtherRoleAndNoStore() {
        check(
                noClasses()
                        .that()
                        .resideInAPackage("io.mimicore.dataplane..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(
                                "io.mimicore.config..",
                                "io.mimicore.controlplane..",
                                "io.mimicore.compiler..",
                                "io.mimicore.cli..",
                                "io.mimicore.proto.etcd..",
                                "software.amazon..")
                        .because(
                                "a node serves and restarts with everything else dead; it executes"
                                        + " IR and nothing more"));
    }

    @Test
    void wasmRuntime_isUsedOnlyBySandboxAndWorker() {
        check(
                onlyIn(
                        "com.dylibso.chicory..",
                        "the sandbox's limits hold only if nobody runs a module around it",
                        "io.mimicore.dataplane.wasm..",
                        "io.mimicore.compiler.."));
    }

    @Test
    void etcd_isSpokenOnlyByEtcdStores() {
        check(
                onlyIn(
                        "io.mimicore.proto.etcd..",
                        "the embedded store passes the same contract, so nobody may lean on etcd",
                        "io.mimicore.proto.etcd..",
                        "io.mimicore..store.etcd.."));
    }

    @Test
    void s3Sdk_isUsedOnlyByS3Stores() {
        check(
                onlyIn(
                        "software.amazon..",
                        "the directory store passes the same contract, so nobody may lean on S3",
                        "io.mimicore..s3.."));
    }

    @Test
    void openTelemetry_staysInSpans() {
        check(
                onlyIn(
                        "io.opentelemetry..",
                        "what is noted about a request costs nothing when nobody collects spans",
                        "io.mimicore.dataplane.spans.."));
    }

    @Test
    void netty_staysInTransportAndUpstream() {
        check(
                onlyIn(
                        "io.netty..",
                        "reference-counted buffers and event loops need owners that can be named",
                        "io.mimicore.dataplane.transport..",
                        "io.mimicore.dataplane.upstream.."));
    }

    @Test
    void publicSignatures_holdNoMapOfObjects() {
        check(
                methods()
                        .that()
                        .areDeclaredInClassesThat()
                        .resideInAnyPackage(
                                "io.mimicore.ir..",
                                "io.mimicore.compiler..",
                                "io.mimicore.dataplane..")
                        .and()
                        .areNotPrivate()
                        .should(nameTheirTypes())
                        .because("opaque JSON is a JsonValue; anything else deserves a record"));
    }

    @Test
    void fields_static_areConstants() {
        check(
                noFields()
                        .that()
                        .areDeclaredInClassesThat()
                        .resideInAPackage(PRODUCT)
                        .and()
                        .areDeclaredInClassesThat()
                        .resideOutsideOfPackage(GENERATED)
                        .and()
                        .areStatic()
                        .and()
                        .doNotHaveModifier(JavaModifier.SYNTHETIC)
                        .should()
                        .notBeFinal()
                        .because("state that no constructor shows cannot be tested or owned"));
    }

    @Test
    void mainCode_holdsNoTestDoubles() {
        check(
                noClasses()
                        .that()
                        .resideInAPackage(PRODUCT)
                        .should()
                        .haveSimpleNameStartingWith("Fake")
                        .orShould()
                        .haveNameMatching(".*[.$]Test([A-Z]\\w*)?")
                        .because("test doubles live in testing/testkit, out of the shipped jars"));
    }

    private void check(ArchRule rule) {
        rule.check(product);
    }

    /// The rule that `library` is imported by classes of `homes` and by no others.
    private static ArchRule onlyIn(String library, String reason, String... homes) {
        return noClasses()
                .that(resideInAnyPackage(PRODUCT))
                .and()
                .resideOutsideOfPackages(homes)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(library)
                .because(reason);
    }

    private static ArchCondition<JavaMethod> nameTheirTypes() {
        return new ArchCondition<>("hold no Map<String, Object>") {
            @Override
            public void check(JavaMethod method, ConditionEvents events) {
                Stream.concat(
                                Stream.of(method.getReturnType()),
                                method.getParameterTypes().stream())
                        .filter(ArchitectureTest::isMapOfObjects)
                        .forEach(type ->
                                events.add(
                                        SimpleConditionEvent.violated(
                                                method,
                                                method.getFullName() + " uses " + type.getName())));
            }
        };
    }

    private static boolean isMapOfObjects(JavaType type) {
        return type instanceof JavaParameterizedType parameterized
                && type.toErasure().isAssignableTo(Map.class)
                // By name, not by erasure: a type variable erases to Object and is none.
                && parameterized.getActualTypeArguments().stream()
                        .map(JavaType::getName)
                        .toList()
                        .equals(List.of("java.lang.String", "java.lang.Object"));
    }
}
