package io.mimicore.system;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/// What a program holds after a full collection of its heap.
///
/// @param threads live ones
/// @param instances of user code
/// @param loaders of machine classes
/// @param metaspaceBytes of all classes
/// @param heapBytes of all objects that can be reached
record Footprint(
        long threads, long instances, long loaders, double metaspaceBytes, long heapBytes) {
    private static final long MIB = 1 << 20;

    /// Looks at a program. Collects its heap.
    static Footprint of(MimicoreProcess program) {
        List<String> histogram = jcmd(program, "GC.class_histogram").lines().toList();
        return new Footprint(
                (long) metric(program, "jvm_threads_live_threads"),
                count(histogram, "io.mimicore.dataplane.wasm.Guest"),
                count(histogram, "io.mimicore.dataplane.wasm.MachineClasses"),
                metric(program, "jvm_memory_used_bytes{area=\"nonheap\",id=\"Metaspace\"}"),
                total(histogram));
    }

    /// Fails if something was lost since `before`.
    void assertNoMoreThan(Footprint before, String why) {
        assertThat(threads).as("threads, %s", why).isLessThanOrEqualTo(before.threads() + 2);
        assertThat(instances).as("instances, %s", why).isLessThanOrEqualTo(before.instances() + 6);
        assertThat(loaders).as("class loaders, %s", why).isEqualTo(before.loaders());
        // The JIT compiler and lambdas of first uses take some; ten thousand losses take more.
        assertThat(metaspaceBytes)
                .as("metaspace, %s", why)
                .isLessThan(before.metaspaceBytes() + 8 * MIB);
        // An instance is 8 MiB and more, and as many as may be idle may have come.
        assertThat(heapBytes).as("heap, %s", why).isLessThan(before.heapBytes() + 64 * MIB);
    }

    /// One number of `/metrics`, whose line begins with this.
    static double metric(MimicoreProcess program, String name) {
        try (RawConnection connection = RawConnection.open(program.metrics())) {
            return connection
                    .send(RawRequest.get("localhost", "/metrics"))
                    .body()
                    .lines()
                    .filter(line -> line.startsWith(name))
                    .mapToDouble(line ->
                            Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(name + ": not in /metrics"));
        }
    }

    private static long count(List<String> histogram, String type) {
        for (String line : histogram) {
            String[] words = line.strip().split(" +", -1);
            if (words.length >= 4 && words[3].equals(type)) {
                return Long.parseLong(words[1]);
            }
        }
        throw new AssertionError(type + ": not on the heap\n" + histogram.stream().limit(20).toList());
    }

    private static long total(List<String> histogram) {
        String[] words = histogram.getLast().strip().split(" +", -1);
        return Long.parseLong(words[2]);
    }

    private static String jcmd(MimicoreProcess program, String command) {
        try {
            Process process =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "jcmd")
                                            .toString(),
                                    Long.toString(program.pid()),
                                    command)
                            .redirectErrorStream(true)
                            .start();
            String text = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor()).as(text).isZero();
            return text;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while jcmd ran", e);
        }
    }
}
