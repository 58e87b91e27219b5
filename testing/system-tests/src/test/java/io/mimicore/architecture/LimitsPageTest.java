package io.mimicore.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.transport.TransportLimits;
import io.mimicore.dataplane.upstream.UpstreamLimits;
import io.mimicore.diagnostics.DiagnosticCode;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// `docs/limits.md` says what the code does: each row names the constant it is about.
class LimitsPageTest {
    private static final Path DOCS = Path.of(System.getProperty("mimicore.root", ""), "docs");
    private static final Map<String, Long> UNITS =
            Map.of("", 1L, "KiB", 1024L, "MiB", 1024L * 1024, "s", 1_000L, "min", 60_000L);

    /// A row of the page.
    ///
    /// @param where package below `io.mimicore`, class, static member and, for a record, component
    record Row(String name, String value, String error, String where) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Row> rows() throws IOException {
        try (Stream<String> lines = Files.lines(DOCS.resolve("limits.md"))) {
            return lines.filter(line -> line.startsWith("| ") && line.endsWith("` |"))
                    .map(LimitsPageTest::row)
                    .toList();
        }
    }

    private static Row row(String line) {
        String[] cells = line.substring(2).split(" \\| ", -1);
        assertThat(cells).as(line).hasSize(5);
        return new Row(cells[0], cells[1], cells[2], cells[4].replace("`", "").replace(" |", ""));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void row_ofThePage_hasTheValueOfTheCode(Row row) throws ReflectiveOperationException {
        assertThat(millisOrNumber(constant(row.where()))).isEqualTo(parse(row.value()));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void row_ofThePage_namesAnErrorThatExists(Row row) throws IOException {
        String[] error = row.error().replace("`", "").split(" ", 2);
        if (error[0].matches("[0-9]{3}")) {
            assertThat(Files.readString(DOCS.resolve("problems.md")))
                    .contains("| `urn:mimicore:problem:" + error[1] + "` | " + error[0] + " |");
        } else if (error[0].matches("[A-Z_]+")) {
            assertThat(DiagnosticCode.values()).extracting(DiagnosticCode::name).contains(error[0]);
        } else {
            assertThat(row.error()).isIn("closed", "waits", "dropped");
        }
    }

    @Test
    void page_ofLimits_hasEveryLimitOfTheListenerAndOfUpstreams() throws IOException {
        List<String> places = rows().stream().map(Row::where).toList();

        assertThat(places)
                .containsAll(components("TransportLimits.DEFAULT.", TransportLimits.class))
                .containsAll(components("UpstreamLimits.ofThisMachine.", UpstreamLimits.class))
                .hasSizeGreaterThan(25)
                .doesNotHaveDuplicates();
    }

    /// The one that depends on the machine has no row.
    private static List<String> components(String prefix, Class<?> record) {
        String path = record.getPackageName().substring("io.mimicore.".length());
        return Arrays.stream(record.getRecordComponents())
                .map(RecordComponent::getName)
                .filter(name -> !name.equals("bufferedBytesMax"))
                .map(name -> path + "." + prefix + name)
                .toList();
    }

    private static long parse(String value) {
        String number = value.replaceAll("[^0-9]", "");
        String unit = value.replaceAll("[0-9 ]", "");
        assertThat(UNITS).as(value).containsKey(unit);
        return Long.parseLong(number) * UNITS.getOrDefault(unit, 1L);
    }

    private static long millisOrNumber(Object value) {
        return value instanceof Duration duration
                ? duration.toMillis()
                : ((Number) value).longValue();
    }

    private static Object constant(String where) throws ReflectiveOperationException {
        String[] parts = where.split("\\.", -1);
        int at = 0;
        while (Character.isLowerCase(parts[at].charAt(0))) {
            at++;
        }
        String name = "io.mimicore." + String.join(".", Arrays.copyOf(parts, at + 1));
        Class<?> owner = Class.forName(name);
        Object value = staticMember(owner, parts[at + 1]);
        return at + 2 < parts.length ? component(value, parts[at + 2]) : value;
    }

    private static Object staticMember(Class<?> owner, String name)
            throws ReflectiveOperationException {
        for (Field field : owner.getDeclaredFields()) {
            if (field.getName().equals(name)) {
                field.setAccessible(true);
                return field.get(null);
            }
        }
        return owner.getMethod(name).invoke(null);
    }

    private static Object component(Object value, String name) throws ReflectiveOperationException {
        Method accessor = value.getClass().getMethod(name);
        return accessor.invoke(value);
    }
}
