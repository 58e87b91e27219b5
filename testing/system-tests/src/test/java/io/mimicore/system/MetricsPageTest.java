package io.mimicore.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `docs/metrics.md` against what a running program shows.
class MetricsPageTest {
    private static final Path PAGE =
            Path.of(System.getProperty("mimicore.root", ""), "docs", "metrics.md");
    private static final Pattern ROW =
            Pattern.compile("\\| `(mimicore_\\w+)`( \\*)? \\| (\\w+) \\| ([^|]*) \\| .+ \\|");
    private static final Pattern TYPE = Pattern.compile("# TYPE (mimicore_\\w+) (\\w+)");
    private static final Pattern SAMPLE = Pattern.compile("(mimicore_\\w+)(?:\\{(.*)})? .*");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"");
    private static final Pattern SUFFIX = Pattern.compile("_(bucket|count|sum)$");

    @TempDir private Path root;

    /// @param labels their names, in order
    private record Shape(String type, Set<String> labels) {}

    @Test
    void metrics_scrapedUnderUse_areThoseOfThePage() throws IOException {
        Map<String, Shape> documented = new TreeMap<>();
        Set<String> always = new TreeSet<>();
        for (String line : Files.readAllLines(PAGE)) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                Set<String> labels = new TreeSet<>();
                Pattern.compile("`(\\w+)`")
                        .matcher(row.group(4))
                        .results()
                        .forEach(label -> labels.add(label.group(1)));
                documented.put(row.group(1), new Shape(row.group(3), labels));
                if (row.group(2) == null) {
                    always.add(row.group(1));
                }
            }
        }

        Map<String, Shape> shown = shapes(scrapeUnderUse());

        assertThat(documented).containsAllEntriesOf(shown);
        assertThat(shown.keySet()).containsAll(always);
    }

    private String scrapeUnderUse() {
        Workspace workspace = Workspace.in(root);
        workspace.write("page.json", ApiText.of("page").get("/", "{\"a\":1}").text());
        try (MimicoreProcess program =
                workspace
                        .program()
                        .environment("MIMICORE_ACCESS_LOG", root.resolve("access").toString())
                        .environment("MIMICORE_OTLP_ENDPOINT", "http://127.0.0.1:1")
                        .start()) {
            program.send(RawRequest.get("page.localhost", "/"));
            program.send(RawRequest.get("nobody.localhost", "/"));
            program.send(RawRequest.get("page.localhost", "/").header("Host", "twice"));
            try (RawConnection connection = RawConnection.open(program.metrics())) {
                return connection.send(RawRequest.get("localhost", "/metrics")).body();
            }
        }
    }

    private static Map<String, Shape> shapes(String metrics) {
        Map<String, Shape> shapes = new TreeMap<>();
        for (String line : metrics.lines().toList()) {
            Matcher type = TYPE.matcher(line);
            Matcher sample = SAMPLE.matcher(line);
            if (type.matches()) {
                shapes.put(type.group(1), new Shape(type.group(2), new TreeSet<>()));
            } else if (sample.matches()) {
                Shape shape = shapes.get(sample.group(1));
                if (shape == null) {
                    shape = shapes.get(SUFFIX.matcher(sample.group(1)).replaceAll(""));
                }
                assertThat(shape).as(line).isNotNull();
                Set<String> labels = shape.labels();
                LABEL.matcher(sample.group(2) == null ? "" : sample.group(2))
                        .results()
                        .map(label -> label.group(1))
                        .filter(label -> !label.equals("le"))
                        .forEach(labels::add);
            }
        }
        return shapes;
    }
}
