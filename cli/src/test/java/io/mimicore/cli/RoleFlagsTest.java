package io.mimicore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.signing.ClusterKey;
import io.mimicore.signing.TrustedKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/// Flags of the roles that are missing, wrong, or contradict each other: exit code 2 and a message
/// that names them.
class RoleFlagsTest {
    private static final String STORES = "--etcd 127.0.0.1:1 --cluster-key KEY";
    private static final String S3 = STORES + " --s3-endpoint http://127.0.0.1:1 --s3-bucket bb";
    private static final String NODE = "--control-plane 127.0.0.1:1 --trusted-key KEY.pub";

    @TempDir private Path directory;
    private Path key;

    @BeforeEach
    void makeKey() {
        key = directory.resolve("cluster.key");
        assertThat(run("cluster-key", key.toString()).exitCode()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    control-plane                                                  | --etcd: missing
                    control-plane --etcd 127.0.0.1:1                               | --cluster-key: missing
                    control-plane STORES                                           | --s3-bucket: missing
                    control-plane STORES --s3-endpoint http://127.0.0.1:1          | --s3-bucket: missing beside --s3-endpoint
                    control-plane STORES --s3-endpoint ftp://x --s3-bucket bb      | expected: http://HOST:PORT
                    control-plane STORES --s3-bucket /                             | bucket: '/'
                    control-plane S3 --artifacts a                                 | --artifacts, --s3-bucket
                    control-plane S3 --keep-versions 0                             | --keep-versions
                    control-plane S3 --garbage-grace 0                             | --garbage-grace
                    control-plane S3 --advertise-admin here                        | --advertise-admin here
                    control-plane S3 --listen [zz                                  | --listen [zz
                    control-plane S3 --tls-cert c.pem                              | --tls-cert, --tls-key
                    control-plane --etcd http://a:1,https://b:1                    | with and without TLS
                    control-plane --etcd a                                         | --etcd a
                    control-plane S3 --cluster Capital                             | --cluster
                    control-plane S3 --stream-port many                            | --stream-port
                    compiler-worker                                                | --etcd: missing
                    compiler-worker --etcd 127.0.0.1:1                             | --cluster-key: missing
                    compiler-worker STORES                                         | --s3-bucket: missing
                    compiler-worker S3 --concurrency -1                            | --concurrency
                    compiler-worker S3 --worker-id a/b                             | --worker-id a/b
                    compiler-worker --etcd http://127.0.0.1:1 --tls-ca c.pem       | expected: https://
                    compiler-worker S3 --configs c                                 | --configs
                    data-plane                                                     | --control-plane: missing
                    data-plane --control-plane 127.0.0.1:1                         | --trusted-key: missing
                    data-plane --control-plane 127.0.0.1:1 --trusted-key KEY       | holds the secret half
                    data-plane --control-plane here                                | --control-plane here
                    data-plane --control-plane http://a:1 --tls-ca c.pem           | expected: https://
                    data-plane NODE --label zone                                   | --label zone
                    data-plane NODE --label zone=a --label zone=b                  | --label zone=b
                    data-plane NODE --cluster Capital                              | --cluster
                    data-plane NODE --cluster-key KEY                              | --cluster-key
                    """)
    void role_flagsThatCannotBe_areWrongUsageAndNamed(String line, String expected) {
        Outcome outcome = run(arguments(line));

        assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err()).contains(expected);
    }

    @ParameterizedTest
    @CsvSource({"control-plane", "compiler-worker"})
    void role_keyThatIsDamaged_isRefusedWithWhatToDo(String role) throws IOException {
        Path damaged = Files.writeString(directory.resolve("damaged"), "no key");
        Outcome outcome = run(role, "--etcd", "127.0.0.1:1", "--cluster-key", damaged.toString());

        assertThat(outcome.exitCode()).isEqualTo(ExitCode.REFUSED);
        assertThat(outcome.err()).contains(damaged.toString(), "damaged", "mimicore cluster-key");
    }

    @Test
    void clusterKey_made_isSecretAndItsPublicHalfVerifies() throws IOException {
        ClusterKey pair = ClusterKey.decode(Files.readString(key));
        TrustedKey half = KeyFile.readPublicHalf(KeyFile.publicHalf(key));

        byte[] content = {1, 2, 3};
        assertThat(half.verifies(content, pair.sign(content))).isTrue();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
    }

    @Test
    void clusterKey_calledAgain_leavesThePairAndWritesThePublicHalfAnew() throws IOException {
        String before = Files.readString(key);
        String half = Files.readString(KeyFile.publicHalf(key));
        Files.delete(KeyFile.publicHalf(key));

        assertThat(run("cluster-key", key.toString()).exitCode()).isZero();

        assertThat(Files.readString(key)).isEqualTo(before);
        assertThat(Files.readString(KeyFile.publicHalf(key))).isEqualTo(half);
    }

    @Test
    void clusterKey_fileThatHoldsSomethingElse_isRefusedAndStays() throws IOException {
        Path other = Files.writeString(directory.resolve("notes"), "keep me");

        assertThat(run("cluster-key", other.toString()).exitCode()).isEqualTo(ExitCode.REFUSED);
        assertThat(other).hasContent("keep me");
    }

    private record Outcome(int exitCode, String err) {}

    private String[] arguments(String line) {
        String full = line.replace("STORES", STORES).replace("S3 ", S3 + " ").replace("NODE", NODE);
        List<String> arguments = new ArrayList<>();
        for (String word : full.split(" ", -1)) {
            arguments.add(word.replace("KEY", key.toString()));
        }
        return arguments.toArray(String[]::new);
    }

    private static Outcome run(String... arguments) {
        var err = new StringWriter();
        CommandLine command =
                Main.commandLine()
                        .setOut(new PrintWriter(new StringWriter()))
                        .setErr(new PrintWriter(err));
        int exitCode = command.execute(arguments);
        return new Outcome(exitCode, err.toString());
    }
}
