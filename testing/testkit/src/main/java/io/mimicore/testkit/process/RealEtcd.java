package io.mimicore.testkit.process;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A member of a real etcd, which may be the only one, built by `./dev parts etcd`, on free ports
/// of loopback that it keeps when it is started again.
///
/// It does not wait for the disk (`--unsafe-no-fsync`): a process that is killed loses nothing by
/// it, only a machine would. Closing it kills it. Not thread-safe.
public final class RealEtcd implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Path data;
    private final int clientPort = ByteServer.freePort();
    private final int peerPort = ByteServer.freePort();
    private final int healthPort = ByteServer.freePort();
    private final String name;
    private final String scheme;
    private final List<String> flags;
    private final HttpClient http = HttpClient.newHttpClient();
    private String members;
    private @Nullable Process process;

    private RealEtcd(Path data, String scheme, List<String> flags) {
        this("default", data, scheme, flags);
    }

    private RealEtcd(String name, Path data, String scheme, List<String> flags) {
        this.name = name;
        this.data = data;
        this.scheme = scheme;
        this.flags = List.copyOf(flags);
        this.members = peer();
    }

    /// Starts several members of one etcd, and waits until all of them answer.
    ///
    /// @param data the directory of their directories
    public static List<RealEtcd> startCluster(Path data, int members) {
        List<RealEtcd> all = new ArrayList<>();
        for (int i = 1; i <= members; i++) {
            String name = "member-" + i;
            all.add(new RealEtcd(name, data.resolve(name), "http", List.of()));
        }
        String list = String.join(",", all.stream().map(RealEtcd::peer).toList());
        all.forEach(member -> member.members = list);
        all.forEach(RealEtcd::launch);
        all.forEach(RealEtcd::awaitHealthy);
        return all;
    }

    /// Starts one with its data in a directory, and waits until it answers.
    ///
    /// @param flags further ones of etcd's own
    public static RealEtcd start(Path data, String... flags) {
        var etcd = new RealEtcd(data, "http", List.of(flags));
        etcd.start();
        return etcd;
    }

    /// Starts one that speaks TLS only, and only with clients that show the same certificate.
    public static RealEtcd startWithTls(Path data, SelfSigned identity) {
        String certificate = identity.certificate().toString();
        List<String> flags = new ArrayList<>();
        flags.addAll(List.of("--cert-file", certificate));
        flags.addAll(List.of("--key-file", identity.key().toString()));
        flags.addAll(List.of("--trusted-ca-file", certificate, "--client-cert-auth"));
        var etcd = new RealEtcd(data, "https", flags);
        etcd.start();
        return etcd;
    }

    /// Starts it again, after it was killed, and waits until it answers.
    public void start() {
        launch();
        awaitHealthy();
    }

    private void awaitHealthy() {
        eventually(PATIENCE, () -> assertThat(health()).contains("\"health\":\"true\""));
    }

    private String peer() {
        return name + "=" + peerUrl();
    }

    private String peerUrl() {
        return "http://127.0.0.1:" + peerPort;
    }

    /// Starts it again and waits for nothing.
    public void launch() {
        String client = scheme + "://" + endpoint();
        String peer = peerUrl();
        List<String> command = new ArrayList<>();
        command.add(Part.executable("etcd").toString());
        command.addAll(List.of("--data-dir", data.toString(), "--log-level", "error"));
        command.addAll(List.of("--listen-client-urls", client));
        command.addAll(List.of("--advertise-client-urls", client));
        command.addAll(List.of("--listen-peer-urls", peer));
        command.addAll(List.of("--initial-advertise-peer-urls", peer));
        command.addAll(List.of("--name", name, "--initial-cluster", members));
        command.addAll(List.of("--listen-metrics-urls", healthUrl()));
        command.addAll(List.of("--heartbeat-interval", "20", "--election-timeout", "200"));
        command.add("--unsafe-no-fsync");
        command.addAll(flags);
        try {
            process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Where clients connect: `host:port`.
    public String endpoint() {
        return "127.0.0.1:" + clientPort;
    }

    /// Ends it at once, with SIGKILL, and waits.
    public void kill() {
        Process running = running();
        running.destroyForcibly();
        try {
            if (!running.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("etcd: still running after " + PATIENCE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while etcd ended", e);
        }
    }

    /// Stops it without ending it, with SIGSTOP.
    public void pause() {
        Signal.STOP.send(running());
    }

    /// Lets it go on, with SIGCONT.
    public void resume() {
        Signal.CONT.send(running());
    }

    /// Keeps what a killed one has on disk, as a backup of the machine would.
    public void backUp(Path to) {
        copy(data, to);
    }

    /// Puts a backup in the place of what a killed one has on disk.
    public void restore(Path from) {
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        copy(from, data);
    }

    @Override
    public void close() {
        if (process != null && process.isAlive()) {
            kill();
        }
        http.close();
    }

    private String health() throws IOException, InterruptedException {
        URI health = URI.create(healthUrl() + "/health");
        return http.send(
                        HttpRequest.newBuilder(health).timeout(Duration.ofSeconds(2)).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private String healthUrl() {
        return "http://127.0.0.1:" + healthPort;
    }

    private Process running() {
        Process started = process;
        if (started == null) {
            throw new IllegalStateException("etcd: not started");
        }
        return started;
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
