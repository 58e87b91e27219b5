package io.mimicore.config;

import io.mimicore.build.SourceProblem;
import io.mimicore.ir.Digest;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.NumericType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// A file `cases/NAME.case`: a config, and what must become of it.
///
/// First come settings, `---- SETTING: VALUE`, one a line:
///
/// - `file`: the config's name; `NAME.json` without it
/// - `features`: what counts as served, `upstream_calls`, `proxy` or both; nothing without it
/// - `encoding`: the charset of the config's bytes; UTF-8 without it
/// - `size`: the config's bytes, filled up with spaces
///
/// Then the config itself, then sections, each from a line `---- SECTION`:
///
/// - `functions`: what the code exports, `double(uint64) uint64`, `price raw` or `greet json(User)
///   value error`, one a line
/// - `go problems`: what is wrong with the code, `LINE:COLUMN CODE MESSAGE | HINT`, one a line
/// - `unavailable`: why the code could not be built
/// - `diagnostics`: every headline and hint, exactly
/// - `ir`: the compiled API as [IrPrinter] prints it
record GoldenCase(
        Path path, Map<String, String> settings, String input, Map<String, String> sections) {
    static final Path DIRECTORY = Path.of("src/test/resources/cases");
    private static final String MARK = "---- ";
    private static final Digest BUILD_KEY = new Digest("c0de".repeat(16));

    GoldenCase {
        settings = Map.copyOf(settings);
        sections = new LinkedHashMap<>(sections);
    }

    static List<GoldenCase> all() {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return files.filter(file -> file.toString().endsWith(".case"))
                    .sorted()
                    .map(GoldenCase::read)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static GoldenCase read(Path path) {
        Map<String, String> settings = new TreeMap<>();
        Map<String, StringBuilder> sections = new LinkedHashMap<>();
        StringBuilder input = new StringBuilder();
        StringBuilder current = input;
        for (String line : text(path).split("(?<=\n)", -1)) {
            if (line.startsWith(MARK) && line.contains(": ") && input.isEmpty()) {
                String[] setting = line.substring(MARK.length()).strip().split(": ", 2);
                settings.put(setting[0], setting[1]);
            } else if (line.startsWith(MARK)) {
                current = new StringBuilder();
                sections.put(line.substring(MARK.length()).strip(), current);
            } else {
                current.append(line);
            }
        }
        Map<String, String> contents = new LinkedHashMap<>();
        sections.forEach((name, content) -> contents.put(name, content.toString()));
        return new GoldenCase(path, settings, input.toString(), contents);
    }

    private static String text(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw new UncheckedIOException(path.toString(), e);
        }
    }

    String name() {
        return path.getFileName().toString().replace(".case", "");
    }

    ConfigFile file() {
        Charset charset = Charset.forName(settings.getOrDefault("encoding", "UTF-8"));
        byte[] content = input.getBytes(charset);
        int size = Integer.parseInt(settings.getOrDefault("size", "0"));
        if (size > content.length) {
            int length = content.length;
            content = Arrays.copyOf(content, size);
            Arrays.fill(content, length, size, (byte) ' ');
        }
        return new ConfigFile(settings.getOrDefault("file", name() + ".json"), content);
    }

    Set<Feature> served() {
        Set<Feature> served = EnumSet.noneOf(Feature.class);
        for (String feature : settings.getOrDefault("features", "").split(", *", -1)) {
            if (!feature.isEmpty()) {
                served.add(Feature.valueOf(feature.toUpperCase(Locale.ROOT)));
            }
        }
        return served;
    }

    /// What became of the code, for a document that asks for some.
    CodeState code() {
        String problems = sections.get("go problems");
        if (problems != null) {
            return new CodeState.Rejected(problems.lines().map(GoldenCase::problem).toList());
        }
        String reason = sections.get("unavailable");
        if (reason != null) {
            return new CodeState.Unavailable(reason.strip());
        }
        return new CodeState.Built(
                BUILD_KEY,
                sections.getOrDefault("functions", "")
                        .lines()
                        .filter(line -> !line.isBlank())
                        .map(GoldenCase::function)
                        .toList());
    }

    static FunctionSignature function(String line) {
        if (line.endsWith(" raw")) {
            return new FunctionSignature.Raw(line.substring(0, line.length() - " raw".length()));
        }
        int open = line.indexOf('(');
        int close = line.indexOf(')');
        List<String> parameters =
                open + 1 == close
                        ? List.of()
                        : List.of(line.substring(open + 1, close).split(", *", -1));
        String head = line.substring(0, open);
        String tail = line.substring(close + 1).strip();
        if (head.endsWith(" json")) {
            return new FunctionSignature.Json(
                    head.substring(0, head.length() - " json".length()),
                    parameters,
                    tail.contains("value"),
                    tail.contains("error"));
        }
        return new FunctionSignature.Numeric(
                head,
                parameters.stream().map(GoldenCase::type).toList(),
                tail.isEmpty() ? null : type(tail));
    }

    private static NumericType type(String name) {
        return Stream.of(NumericType.values())
                .filter(type -> type.goName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static SourceProblem problem(String line) {
        String[] place = line.substring(0, line.indexOf(' ')).split(":", -1);
        String[] rest = line.substring(line.indexOf(' ') + 1).split(" ", 2);
        String[] message = rest[1].split(" \\| ", 2);
        return new SourceProblem(
                Integer.parseInt(place[0]),
                Integer.parseInt(place[1]),
                rest[0],
                message[0],
                message.length > 1 ? message[1] : "");
    }

    /// Writes the file again with these sections in place of `ir` and `diagnostics`.
    void rewrite(Map<String, String> expected) {
        Map<String, String> contents = new LinkedHashMap<>(sections);
        contents.remove("ir");
        contents.remove("diagnostics");
        contents.putAll(expected);
        List<String> text = new ArrayList<>();
        new TreeMap<>(settings)
                .forEach((name, value) -> text.add(MARK + name + ": " + value + "\n"));
        text.add(input);
        contents.forEach((name, content) -> text.add(MARK + name + "\n" + content));
        try {
            Files.writeString(path, String.join("", text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
