package io.mimicore.system;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.Footprint;
import io.mimicore.testkit.process.Load;
import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Six hundred edits, or a thousand with `-Dmimicore.edits.rounds=125`, three of ten of them wrong,
/// under constant load: nothing fails, no response is of two edits, the last good ones are served,
/// and the process and its directory are as large as after the first quarter.
class EndlessEditsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int ROUNDS = Integer.getInteger("mimicore.edits.rounds", 75);
    private static final int WARM_ROUNDS = ROUNDS / 4;
    private static final long SEED = 20_261_124;

    /// APIs, each of which is edited in each round: the first two have code.
    private static final int APIS = 8;

    private static final int CODED = 2;
    private static final int CONNECTIONS_EACH = 4;
    private static final Duration PACE = Duration.ofMillis(25);

    /// Every so many rounds the code itself changes, and an API of a new name comes and goes.
    private static final int CODE_EVERY = 4;

    private static final int KEPT_VERSIONS = 20;
    private static final int GRACE_SECONDS = 2;

    // What may be more at the end than after the first quarter, whatever the number of edits. The
    // profiles and the code of methods that become hot later come to some 12 MB each on a busy
    // machine; the classes alone of one function that is not let go come to megabytes, and there
    // are 46 of them.
    private static final long THREADS_MORE = 8;
    private static final long FILES_MORE = 8;
    private static final long CLASSES_MORE = 600;
    private static final long METASPACE_BYTES_MORE = 24L * 1024 * 1024;
    private static final long CODE_BYTES_MORE = 32L * 1024 * 1024;
    private static final long HEAP_BYTES_MORE = 24L * 1024 * 1024;
    private static final long STATE_BYTES_MORE = 24L * 1024 * 1024;
    private static final long METER_LINES_MORE = 40;

    private static final Pattern MARK = Pattern.compile("\\{\"a\":(\\d+),\"b\":(\\d+)}");

    @TempDir private Path root;

    private final Random random = new Random(SEED);
    private final int[] marks = new int[APIS];
    private final int[] codeMarks = new int[APIS];
    private int edits;

    @Test
    void edits_hundredsUnderLoad_failNothingAndLeaveNothingBehind() {
        Workspace workspace = Workspace.in(root);
        for (int api = 0; api < APIS; api++) {
            workspace.write(file(api), right(api));
        }
        List<Load> loads = new ArrayList<>();
        try (MimicoreProcess program =
                workspace
                        .program()
                        .environment("MIMICORE_KEEP_VERSIONS", Integer.toString(KEPT_VERSIONS))
                        .environment("MIMICORE_GARBAGE_GRACE", Integer.toString(GRACE_SECONDS))
                        .start()) {
            for (int api = 0; api < APIS; api++) {
                loads.add(Load.start(program.traffic(), request(api), CONNECTIONS_EACH, PACE));
            }
            rounds(workspace, program, 0, WARM_ROUNDS);
            Size warm = size(workspace, program);
            rounds(workspace, program, WARM_ROUNDS, ROUNDS);
            Size last = size(workspace, program);
            loads.forEach(Load::finish);

            assertThat(edits).isEqualTo(ROUNDS * APIS);
            requireWhole(loads);
            requireNoGrowth(warm, last);
            assertThat(program.err().count("removed what nothing refers to")).isPositive();
        } finally {
            loads.forEach(Load::close);
        }
    }

    private void rounds(Workspace workspace, MimicoreProcess program, int from, int to) {
        for (int round = from; round < to; round++) {
            for (int api = 0; api < APIS; api++) {
                edit(workspace, api, round);
            }
            if (round % CODE_EVERY == 0) {
                workspace.write("passing.json", Marked.withCode("passing" + round, 1));
            }
            for (int api = 0; api < APIS; api++) {
                int number = api;
                eventually(
                        PATIENCE,
                        () ->
                                assertThat(program.send(request(number)).body())
                                        .as("api %d of seed %d", number, SEED)
                                        .isEqualTo(body(marks[number])));
            }
        }
    }

    private void edit(Workspace workspace, int api, int round) {
        int kind = edits++ % 10;
        if (kind == 2 || kind == 5 || kind == 8) {
            workspace.write(file(api), wrong(api));
            return;
        }
        marks[api]++;
        if (api < CODED && round % CODE_EVERY == api) {
            codeMarks[api] = marks[api];
        }
        if (random.nextBoolean()) {
            workspace.write(file(api), right(api));
        } else {
            workspace.replace(file(api), right(api));
        }
    }

    private String wrong(int api) {
        String text = right(api).replace("\"a\" : " + marks[api], "\"a\" : 999999999");
        int kinds = api < CODED ? 4 : 3;
        return switch (random.nextInt(kinds)) {
            case 0 -> text.substring(0, text.length() - 2 - random.nextInt(20));
            case 1 -> text.replace("\"response\"", "\"responce\"");
            case 2 -> text.replace("request.method", "nothing.defines.this");
            default -> text.replace("+ x }", "+ nowhere" + edits + " }");
        };
    }

    private String right(int api) {
        int mark = marks[api];
        ApiText text = ApiText.of(name(api));
        String second = "{{" + mark + " | json}}";
        if (api < CODED) {
            text.code(
                    "//export mark\nfunc mark(x int64) int64 { return "
                            + codeMarks[api]
                            + " + x }\n");
            second = "{{mark(" + (mark - codeMarks[api]) + ") | json}}";
        }
        return text.route(
                        """
                        {"method":"GET","path":"/m","description":"{{request.method}}","response":{
                          "headers":{"ETag":"%d","X-Method":"{{request.method}}"},
                          "body":{"a":%d,"b":"%s"}}}
                        """
                                .formatted(mark, mark, second))
                .text();
    }

    private static String name(int api) {
        return "api" + api;
    }

    private static String file(int api) {
        return name(api) + ".json";
    }

    private static RawRequest request(int api) {
        return RawRequest.get(name(api) + ".localhost", "/m");
    }

    private static String body(int mark) {
        return "{\"a\":%d,\"b\":%d}".formatted(mark, mark);
    }

    private void requireWhole(List<Load> loads) {
        for (int api = 0; api < APIS; api++) {
            Load load = loads.get(api);
            assertThat(load.failures()).as(name(api)).isEmpty();
            Map<Long, String> bodies = new HashMap<>();
            for (Load.Sample sample : load.samples().keySet()) {
                String what = name(api) + ": " + sample;
                assertThat(sample.status()).as(what).isEqualTo(200);
                Matcher mark = MARK.matcher(sample.body());
                assertThat(mark.matches()).as(what).isTrue();
                assertThat(mark.group(2)).as(what).isEqualTo(mark.group(1));
                assertThat(sample.etag()).as(what).isEqualTo(mark.group(1));
                assertThat(Integer.parseInt(mark.group(1))).as(what).isBetween(0, marks[api]);
                assertThat(bodies.putIfAbsent(sample.version(), sample.body()))
                        .as(what)
                        .isIn(null, sample.body());
            }
        }
    }

    private record Size(Footprint process, long stateBytes, long meterLines) {}

    /// The sizes once what was edited last has become garbage and is removed.
    private static Size size(Workspace workspace, MimicoreProcess program) {
        long removals = program.err().count("removed what nothing refers to");
        eventually(
                PATIENCE,
                () ->
                        assertThat(program.err().count("removed what nothing refers to"))
                                .isGreaterThan(removals));
        return new Size(
                Footprint.of(program.pid()),
                Footprint.bytesBelow(workspace.state()),
                metrics(program).lines().filter(line -> !line.startsWith("#")).count());
    }

    private static String metrics(MimicoreProcess program) {
        try (var connection = io.mimicore.testkit.process.RawConnection.open(program.metrics())) {
            return connection.send(RawRequest.get("localhost", "/metrics")).body();
        }
    }

    private static void requireNoGrowth(Size warm, Size last) {
        Footprint before = warm.process();
        Footprint after = last.process();
        String what = "first " + warm + "\nlast " + last;
        assertThat(after.threads()).as(what).isLessThan(before.threads() + THREADS_MORE);
        assertThat(after.files()).as(what).isLessThan(before.files() + FILES_MORE);
        assertThat(after.classes()).as(what).isLessThan(before.classes() + CLASSES_MORE);
        assertThat(after.metaspaceBytes())
                .as(what)
                .isLessThan(before.metaspaceBytes() + METASPACE_BYTES_MORE);
        assertThat(after.codeBytes()).as(what).isLessThan(before.codeBytes() + CODE_BYTES_MORE);
        assertThat(after.heapBytes()).as(what).isLessThan(before.heapBytes() + HEAP_BYTES_MORE);
        assertThat(last.stateBytes()).as(what).isLessThan(warm.stateBytes() + STATE_BYTES_MORE);
        assertThat(last.meterLines()).as(what).isLessThan(warm.meterLines() + METER_LINES_MORE);
    }
}
