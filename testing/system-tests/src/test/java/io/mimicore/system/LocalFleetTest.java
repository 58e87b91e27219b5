package io.mimicore.system;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.RawConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `deploy/local/fleet`: one command for a whole fleet on one machine.
class LocalFleetTest {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final Pattern TRAFFIC = Pattern.compile("traffic http://127\\.0\\.0\\.1:(\\d+)");
    private static final Pattern PROCESS =
            Pattern.compile("^ +\\S+ +pid (\\d+) ", Pattern.MULTILINE);
    private static final int NODES = 3;

    /// etcd, MinIO, two control planes, two workers and the nodes.
    private static final int PROCESSES_MIN = 6 + NODES;

    @TempDir private Path root;
    private Workspace workspace;

    @BeforeEach
    void prepare() {
        workspace = Workspace.in(root);
        workspace.write("local.json", Marked.plain("local", 1));
    }

    @Test
    void fleet_startedAndTold_servesOnEveryNodeAndLeavesNothingBehind() throws Exception {
        Process fleet = start("up", "--free-ports");
        try {
            eventually(PATIENCE, () -> assertThat(out()).as(err()).contains("fleet ready"));
            List<Integer> ports = numbers(TRAFFIC);
            assertThat(ports).hasSize(NODES);
            for (int port : ports) {
                eventually(PATIENCE, () -> assertThat(ask(port)).isEqualTo(Marked.body(1)));
            }
        } finally {
            fleet.destroy();
            assertThat(fleet.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }

        assertThat(fleet.exitValue()).as(err()).isZero();
        assertThat(err()).doesNotContain("is killed");
        assertThat(numbers(PROCESS))
                .hasSizeGreaterThanOrEqualTo(PROCESSES_MIN)
                .noneMatch(pid -> ProcessHandle.of(pid).isPresent());
    }

    @Test
    void fleet_unknownFlagOrMissingDirectory_isRefusedWithItsName() throws Exception {
        Process unknown = start("--prots");
        assertThat(unknown.waitFor()).isEqualTo(2);
        assertThat(err()).contains("--prots", "--help");

        Process missing = start("--configs", root.resolve("gone").toString());
        assertThat(missing.waitFor()).isEqualTo(1);
        assertThat(err()).contains("--configs", "gone");
    }

    private Process start(String... arguments) throws IOException {
        Path script = Path.of(System.getProperty("mimicore.root"), "deploy/local/fleet");
        var builder = new ProcessBuilder(script.toString());
        builder.command().addAll(List.of(arguments));
        if (!builder.command().contains("--configs")) {
            builder.command().addAll(List.of("--configs", workspace.configs().toString()));
        }
        builder.environment().put("MIMICORE_FLEET", root.resolve("fleet").toString());
        builder.environment().put("MIMICORE_JAVA_OPTS", "-Xmx256m");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return builder.redirectOutput(root.resolve("out").toFile())
                .redirectError(root.resolve("err").toFile())
                .start();
    }

    private static String ask(int port) {
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        try (RawConnection connection = RawConnection.open(address)) {
            return connection.send(Marked.request("local")).body();
        }
    }

    private List<Integer> numbers(Pattern pattern) throws IOException {
        Matcher matcher = pattern.matcher(out());
        return matcher.results().map(found -> Integer.valueOf(found.group(1))).toList();
    }

    private String out() throws IOException {
        return Files.readString(root.resolve("out"));
    }

    private String err() throws IOException {
        return Files.readString(root.resolve("err"));
    }
}
