package io.mimicore.system;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.Load;
import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Year;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The system's clock jumps: libfaketime stands between the program and the wall clock. The
/// monotonic clock goes on, as it does when an administrator or a time server sets a clock.
class ClockSetBackTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir private Path root;

    @Test
    void clock_setBackByYears_servesPublishesBuildsAndRestarts() throws IOException {
        Workspace workspace = Workspace.in(root);
        Path offset = Files.writeString(root.resolve("offset"), "+0");
        workspace.write("api.json", Marked.plain("api", 1));
        workspace.write("coded.json", Marked.withCode("coded", 1));
        long version;
        try (MimicoreProcess program = start(workspace, offset);
                Load load = Load.start(program.traffic(), Marked.request("api"), 2)) {
            int year = yearOf(program);
            assertThat(year).isGreaterThanOrEqualTo(Year.now(ZoneOffset.UTC).getValue() - 1);
            awaitServed(program, "coded", 1);
            long before = program.send(Marked.request("api")).version();

            Files.writeString(offset, "-5y");
            eventually(PATIENCE, () -> assertThat(yearOf(program)).isLessThan(year - 3));
            workspace.replace("api.json", Marked.plain("api", 2));
            awaitServed(program, "api", 2);
            workspace.replace("coded.json", Marked.withCode("coded", 2));
            awaitServed(program, "coded", 2);

            load.finish();
            Marked.requireWhole(load, List.of(1, 2));
            version = program.send(Marked.request("api")).version();
            assertThat(version).isGreaterThan(before);
            assertThat(program.terminate()).isZero();
        }

        Files.writeString(offset, "-9y");
        try (MimicoreProcess again = start(workspace, offset)) {
            assertThat(yearOf(again)).isLessThan(Year.now(ZoneOffset.UTC).getValue() - 7);
            RawResponse response = again.send(Marked.request("api"));
            assertThat(response.version()).isEqualTo(version);
            assertThat(response.body()).isEqualTo(Marked.body(2));
            awaitServed(again, "coded", 2);
            workspace.replace("api.json", Marked.plain("api", 3));
            awaitServed(again, "api", 3);
        }
    }

    private static void awaitServed(MimicoreProcess program, String api, int mark) {
        eventually(
                PATIENCE,
                () ->
                        assertThat(program.send(Marked.request(api)).body())
                                .isEqualTo(Marked.body(mark)));
    }

    private static int yearOf(MimicoreProcess program) {
        String date = program.send(Marked.request("api")).header("Date");
        return ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).getYear();
    }

    private static MimicoreProcess start(Workspace workspace, Path offset) throws IOException {
        return workspace
                .program()
                .environment("LD_PRELOAD", library().toString())
                .environment("FAKETIME_TIMESTAMP_FILE", offset.toString())
                .environment("FAKETIME_CACHE_DURATION", "1")
                .environment("DONT_FAKE_MONOTONIC", "1")
                .environment("FAKETIME_DONT_FAKE_MONOTONIC", "1")
                // The JVM waits by the monotonic clock; mended for older C libraries, its waits
                // would all end at once.
                .environment("FAKETIME_FORCE_MONOTONIC_FIX", "0")
                .start();
    }

    /// Where distributions put it: below the directory of the machine's libraries.
    private static Path library() throws IOException {
        try (Stream<Path> directories = Files.list(Path.of("/usr/lib"))) {
            List<Path> found =
                    Stream.concat(Stream.of(Path.of("/usr/lib")), directories)
                            .map(directory -> directory.resolve("faketime/libfaketimeMT.so.1"))
                            .filter(Files::exists)
                            .toList();
            assertThat(found).as("libfaketime (expected: ./dev parts faketime)").isNotEmpty();
            return found.getFirst();
        }
    }
}
