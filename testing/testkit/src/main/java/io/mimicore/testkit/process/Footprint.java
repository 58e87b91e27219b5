package io.mimicore.testkit.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/// What a running JVM holds right after a full garbage collection (Linux).
///
/// @param threads of the operating system
/// @param files open file descriptors
/// @param classes loaded
/// @param metaspaceBytes used for classes
/// @param codeBytes of compiled code
/// @param heapBytes of live objects
public record Footprint(
        long threads,
        long files,
        long classes,
        long metaspaceBytes,
        long codeBytes,
        long heapBytes) {
    /// Looks at the process of this id, which must be of this user.
    public static Footprint of(long pid) {
        // The second run finds what finalizers, cleaners and reference queues let go of.
        jcmd(pid, "GC.run");
        jcmd(pid, "GC.run");
        String counters = jcmd(pid, "PerfCounter.print");
        String code = jcmd(pid, "Compiler.codecache");
        return new Footprint(
                status(pid, "Threads:"),
                entries(Path.of("/proc", Long.toString(pid), "fd")),
                counter(counters, "java.cls.loadedClasses")
                        + counter(counters, "java.cls.sharedLoadedClasses")
                        - counter(counters, "java.cls.unloadedClasses")
                        - counter(counters, "java.cls.sharedUnloadedClasses"),
                counter(counters, "sun.gc.metaspace.used"),
                1024 * sumOf(code, "used="),
                counter(counters, "sun.gc.generation.1.space.0.used"));
    }

    /// Objects of this class, by its full name, that can be reached in the process of this id; 0
    /// also if no class of that name is loaded. Collects its heap.
    public static long objects(long pid, String type) {
        return jcmd(pid, "GC.class_histogram")
                .lines()
                .map(line -> line.strip().split(" +", -1))
                .filter(words -> words.length >= 4 && words[3].equals(type))
                .mapToLong(words -> Long.parseLong(words[1]))
                .sum();
    }

    /// Bytes of all files below a directory; what goes while they are added up is left out.
    public static long bytesBelow(Path directory) {
        long[] bytes = {0};
        try {
            Files.walkFileTree(
                    directory,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes found) {
                            bytes[0] += found.isRegularFile() ? found.size() : 0;
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult visitFileFailed(Path file, IOException e)
                                throws IOException {
                            if (e instanceof NoSuchFileException) {
                                return FileVisitResult.CONTINUE;
                            }
                            throw e;
                        }
                    });
            return bytes[0];
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long status(long pid, String name) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
                if (line.startsWith(name)) {
                    return Long.parseLong(line.substring(name.length()).strip());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new AssertionError(name + " not in the status of process " + pid);
    }

    private static long entries(Path directory) {
        long entries = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
            for (Path _ : all) {
                entries++;
            }
            return entries;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long counter(String counters, String name) {
        return counters.lines()
                .filter(line -> line.startsWith(name + "="))
                .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1).strip()))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " not in\n" + counters));
    }

    private static long sumOf(String text, String name) {
        long sum = 0;
        for (int at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
            int from = at + name.length();
            int to = from;
            while (to < text.length() && Character.isDigit(text.charAt(to))) {
                to++;
            }
            // `max_used=` ends with the same letters.
            boolean whole = at == 0 || text.charAt(at - 1) != '_';
            sum += whole && to > from ? Long.parseLong(text.substring(from, to)) : 0;
        }
        return sum;
    }

    private static String jcmd(long pid, String command) {
        String program = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        try {
            Process process =
                    new ProcessBuilder(List.of(program, Long.toString(pid), command))
                            .redirectErrorStream(true)
                            .start();
            String out =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError("jcmd " + command + ": " + out);
            }
            return out;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while jcmd ran", e);
        }
    }
}
