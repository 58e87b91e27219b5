package io.mimicore.compiler.toolchain;

import io.mimicore.ir.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.jar.JarFile;

/// The Go sources of the inspector, as they lie among this program's resources.
///
/// @param files content by file name
record InspectorSources(SortedMap<String, byte[]> files) {
    private static final String DIRECTORY = "/io/mimicore/compiler/inspector/";
    private static final String MARK = DIRECTORY + "go.mod";

    InspectorSources {
        files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    }

    /// Reads them from the class path, be it a directory or a jar.
    static InspectorSources load() throws IOException {
        URL mark = InspectorSources.class.getResource(MARK);
        if (mark == null) {
            throw new IOException("resource: " + MARK + " (expected: on the class path)");
        }
        SortedMap<String, byte[]> files = new TreeMap<>();
        for (String name : names(mark)) {
            try (InputStream content =
                    InspectorSources.class.getResourceAsStream(DIRECTORY + name)) {
                if (content == null) {
                    throw new IOException("resource: " + DIRECTORY + name + " vanished");
                }
                files.put(name, content.readAllBytes());
            }
        }
        return new InspectorSources(files);
    }

    /// Digest over names and contents.
    Digest digest() {
        byte[][] parts =
                files.entrySet().stream()
                        .flatMap(file ->
                                List.of(
                                        (file.getKey() + "\0" + file.getValue().length + "\0")
                                                .getBytes(StandardCharsets.UTF_8),
                                        file.getValue())
                                        .stream())
                        .toArray(byte[][]::new);
        return Digest.of(parts);
    }

    void writeTo(Path directory) throws IOException {
        for (var file : files.entrySet()) {
            Files.write(directory.resolve(file.getKey()), file.getValue());
        }
    }

    private static List<String> names(URL mark) throws IOException {
        if (mark.openConnection() instanceof JarURLConnection connection) {
            String prefix = DIRECTORY.substring(1);
            // A jar of its own: the shared one of the connection's cache must stay open.
            connection.setUseCaches(false);
            try (JarFile jar = connection.getJarFile()) {
                return jar.stream()
                        .map(entry -> entry.getName())
                        .filter(name -> name.startsWith(prefix))
                        .map(name -> name.substring(prefix.length()))
                        .filter(InspectorSources::isSource)
                        .toList();
            }
        }
        try (DirectoryStream<Path> entries =
                Files.newDirectoryStream(Path.of(toUri(mark)).resolveSibling(""))) {
            TreeMap<String, Path> found = new TreeMap<>();
            entries.forEach(entry -> found.put(entry.getFileName().toString(), entry));
            return found.keySet().stream().filter(InspectorSources::isSource).toList();
        }
    }

    private static URI toUri(URL url) throws IOException {
        try {
            return url.toURI();
        } catch (URISyntaxException e) {
            throw new IOException("resource: " + url, e);
        }
    }

    private static boolean isSource(String name) {
        return !name.contains("/")
                && !name.endsWith("_test.go")
                && (name.endsWith(".go") || name.endsWith(".go.txt") || name.equals("go.mod"));
    }
}
