package io.mimicore.system;

import static io.mimicore.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.controlplane.snapshot.CachedContent;
import io.mimicore.controlplane.snapshot.Snapshot;
import io.mimicore.controlplane.snapshot.SnapshotReader;
import io.mimicore.controlplane.store.embedded.EmbeddedMetadataStore;
import io.mimicore.store.Objects;
import io.mimicore.store.StoreKeys;
import io.mimicore.testkit.process.Load;
import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The program is killed again and again while it publishes, and clients keep asking all the time.
class CrashTest {
    private static final long SEED = 20_260_731;
    private static final int KILLS = 10;
    private static final int PUBLISHES = 50;
    private static final int KILL_MILLIS_MAX = 400;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern PUBLISHED = Pattern.compile("published version=(\\d+) ");
    private static final Pattern FROM_DISK = Pattern.compile("serving version (\\d+) from disk");

    @TempDir private Path root;
    private Workspace workspace;
    private final Random random = new Random(SEED);

    /// Versions that the log or a response has told.
    private final TreeSet<Long> acknowledged = new TreeSet<>();

    private final List<Long> fromDisk = new ArrayList<>();
    private int mark = 1;

    @BeforeEach
    void prepare() {
        workspace = Workspace.in(root);
        workspace.write("api.json", Marked.plain("api", mark));
    }

    @Test
    void kill_atAnyPointOfFiftyPublishes_losesNoVersionThatWasTold() throws IOException {
        int port = freePort();
        var traffic = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        MimicoreProcess program = start(port);
        try (Load load = Load.start(traffic, Marked.request("api"), 2)) {
            for (int kill = 0; kill < KILLS; kill++) {
                for (int edit = 1; edit < PUBLISHES / KILLS; edit++) {
                    publish();
                    int wanted = mark;
                    eventually(PATIENCE, () -> assertThat(Marked.hasSeen(load, wanted)).isTrue());
                }
                publish();
                // No condition to wait for: the moment of the kill is what is random.
                LockSupport.parkNanos(Duration.ofMillis(random.nextInt(KILL_MILLIS_MAX)).toNanos());
                program.kill();
                hear(program, load);
                long newest = acknowledged.last();
                program = start(port);
                fromDisk.addAll(versions(FROM_DISK, program.err().text()));
                RawResponse now = program.send(Marked.request("api"));
                assertThat(now.body()).as("seed %d, kill %d", SEED, kill).isEqualTo(body());
                assertThat(now.version()).isGreaterThanOrEqualTo(newest);
            }
            load.finish();
            assertThat(program.terminate()).isZero();
            hear(program, load);
            requireStored(contents(load));
        } finally {
            program.close();
        }
        assertThat(fromDisk).hasSize(KILLS);
        assertThat(acknowledged).hasSizeGreaterThan(PUBLISHES - KILLS).containsAll(fromDisk);
    }

    private MimicoreProcess start(int port) {
        // Versions are looked for at the end: none is removed before.
        return workspace.program().environment("MIMICORE_KEEP_VERSIONS", "1000").port(port).start();
    }

    private void publish() {
        mark++;
        workspace.replace("api.json", Marked.plain("api", mark));
    }

    private String body() {
        return Marked.body(mark);
    }

    private void hear(MimicoreProcess program, Load load) {
        load.samples().keySet().forEach(sample -> acknowledged.add(sample.version()));
        String log = program.err().text();
        acknowledged.addAll(versions(PUBLISHED, log));
    }

    private static List<Long> versions(Pattern pattern, String log) {
        Matcher matcher = pattern.matcher(log);
        List<Long> versions = new ArrayList<>();
        while (matcher.find()) {
            versions.add(Long.valueOf(matcher.group(1)));
        }
        return versions;
    }

    /// What each version was answered with: always the same.
    private static Map<Long, String> contents(Load load) {
        Map<Long, String> contents = new HashMap<>();
        for (Load.Sample sample : load.samples().keySet()) {
            assertThat(sample.status()).as(sample.toString()).isEqualTo(200);
            assertThat(contents.putIfAbsent(sample.version(), sample.etag()))
                    .as("seed %d, version %d", SEED, sample.version())
                    .isIn(null, sample.etag());
        }
        return contents;
    }

    private void requireStored(Map<Long, String> contents) {
        var keys = new StoreKeys("default");
        try (var store = EmbeddedMetadataStore.open(workspace.state().resolve("metadata.mv"))) {
            var reader =
                    new SnapshotReader(store, keys, CachedContent.of(new Objects(store, keys)));
            for (long version : acknowledged) {
                Snapshot snapshot = reader.version(version);
                assertThat(snapshot).as("seed %d, version %d", SEED, version).isNotNull();
                String etag = contents.get(version);
                assertThat(reader.entries(snapshot))
                        .hasSize(1)
                        .allSatisfy(entry -> {
                            String ir = new String(reader.ir(entry.ir()), ISO_8859_1);
                            assertThat(ir).contains(etag == null ? "ETag" : etag);
                        });
            }
            assertThat(reader.live().version()).isEqualTo(acknowledged.last());
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
