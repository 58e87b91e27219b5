package io.mimicore.system;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The files for Prometheus in `deploy`, checked by Prometheus's own `promtool`, which `./dev test`
/// installs.
class AlertRulesTest {
    private static final Path DIRECTORY =
            Path.of(System.getProperty("mimicore.root", ""), "deploy", "prometheus");
    private static final Pattern ALERT = Pattern.compile("- alert: (\\w+)");
    private static final Pattern TESTED = Pattern.compile("alertname: (\\w+)");

    @Test
    void config_checkedByPromtool_isValid() throws Exception {
        assertThat(promtool("check", "config", "prometheus.yml")).contains("SUCCESS");
    }

    @Test
    void rules_testedByPromtool_fireAndClear() throws Exception {
        assertThat(promtool("test", "rules", "mimicore.rules.test.yml")).contains("SUCCESS");
    }

    @Test
    void rules_everyAlert_isTested() throws IOException {
        assertThat(names(TESTED, "mimicore.rules.test.yml"))
                .isNotEmpty()
                .isEqualTo(names(ALERT, "mimicore.rules.yml"));
    }

    private static Set<String> names(Pattern pattern, String file) throws IOException {
        Set<String> names = new TreeSet<>();
        pattern.matcher(Files.readString(DIRECTORY.resolve(file)))
                .results()
                .forEach(match -> names.add(match.group(1)));
        return names;
    }

    private static String promtool(String... arguments) throws Exception {
        var command = new ArrayList<>(List.of("promtool"));
        command.addAll(List.of(arguments));
        Process process =
                new ProcessBuilder(command)
                        .directory(DIRECTORY.toFile())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
