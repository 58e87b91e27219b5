package io.mimicore.compiler.toolchain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// The inspector is a Go program with tests of its own, in Go, beside it: its cases, the guide's
/// examples, what it says of every code.
class InspectorGoTest {
    private static final Path SOURCES =
            Path.of("src", "main", "resources", "io", "mimicore", "compiler", "inspector");

    private static final int MINUTES_MAX = 5;

    @Test
    void inspector_itsOwnTests_pass() throws IOException, InterruptedException {
        var builder = new ProcessBuilder("go", "test", "-count=1", "./...");
        builder.directory(SOURCES.toFile()).redirectErrorStream(true);
        builder.environment().put("GOTOOLCHAIN", "local");
        Process test = builder.start();
        test.getOutputStream().close();
        String output = new String(test.getInputStream().readAllBytes(), UTF_8);

        assertThat(test.waitFor(MINUTES_MAX, TimeUnit.MINUTES)).as(output).isTrue();
        assertThat(test.exitValue()).as(output).isZero();
        assertThat(output).contains("ok  \tio.mimicore/inspector");
    }
}
