package io.mimicore.config;

import io.mimicore.diagnostics.DiagnosticCode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads `user_code`.
final class CodeReader {
    private static final Map<String, CodeSource.Toolchain> TOOLCHAINS =
            Map.of(
                    "auto", CodeSource.Toolchain.AUTO,
                    "tinygo", CodeSource.Toolchain.TINYGO,
                    "go", CodeSource.Toolchain.GO);

    private final Problems problems;

    CodeReader(Problems problems) {
        this.problems = problems;
    }

    /// What stands in `user_code`.
    ///
    /// @param source absent: not to be had, which is reported
    /// @param at the string that holds the source or its path
    record Code(@Nullable CodeSource source, LocatedJson.@Nullable Text at, PoolLimits limits) {}

    Code read(FieldReader reader) {
        LocatedJson.Text inline = reader.text("inline_source", "Go source");
        LocatedJson.Text path = reader.text("source", "the path of a .go or .wasm file");
        CodeSource.Toolchain toolchain = toolchain(reader);
        PoolLimits limits = limits(reader);
        boolean hasInline = reader.find("inline_source") != null;
        boolean hasPath = reader.find("source") != null;
        if (hasInline && hasPath) {
            reader.conflict("source", "beside inline_source", "leave one of the two out");
            return new Code(null, null, limits);
        }
        if (!hasInline && !hasPath) {
            problems.error(
                    reader.object(),
                    DiagnosticCode.FIELD_MISSING,
                    "inline_source: missing (expected: inline_source or source)",
                    "");
        }
        if (inline != null) {
            return new Code(inline(reader, inline, toolchain), inline, limits);
        }
        return new Code(path == null ? null : file(reader, path, toolchain), path, limits);
    }

    private static @Nullable CodeSource inline(
            FieldReader reader, LocatedJson.Text text, CodeSource.Toolchain toolchain) {
        if (text.text().isBlank()) {
            reader.wrongValue(text, "inline_source", "Go source");
            return null;
        }
        return new CodeSource.Inline(text.text(), toolchain);
    }

    private @Nullable CodeSource file(
            FieldReader reader, LocatedJson.Text text, CodeSource.Toolchain toolchain) {
        String path = text.text();
        boolean isInside =
                !path.startsWith("/")
                        && path.indexOf('\\') < 0
                        && path.indexOf(':') < 0
                        && path.chars().noneMatch(Character::isISOControl)
                        && List.of(path.split("/", -1)).stream()
                                .noneMatch(part -> part.isEmpty() || part.equals(".."));
        if (!isInside || !(path.endsWith(".go") || path.endsWith(".wasm"))) {
            problems.error(
                    text,
                    DiagnosticCode.FIELD_VALUE,
                    "source: "
                            + text.shown()
                            + " (expected: the path of a .go or .wasm file, relative to the config)",
                    hintFor(path, isInside));
            return null;
        }
        if (path.endsWith(".wasm") && toolchain != CodeSource.Toolchain.AUTO) {
            reader.conflict("toolchain", "for a .wasm file", "a module is not compiled again");
        }
        return new CodeSource.File(path, toolchain);
    }

    private static String hintFor(String path, boolean isInside) {
        if (path.indexOf('\\') >= 0) {
            return "write / between directories";
        }
        return isInside || path.isEmpty()
                ? ""
                : "it must stay inside the config's directory, without ..";
    }

    private static CodeSource.Toolchain toolchain(FieldReader reader) {
        LocatedJson.Text word = reader.word("toolchain", List.of("auto", "tinygo", "go"));
        return word == null
                ? CodeSource.Toolchain.AUTO
                : TOOLCHAINS.getOrDefault(word.text(), CodeSource.Toolchain.AUTO);
    }

    private static PoolLimits limits(FieldReader reader) {
        PoolLimits normal = PoolLimits.DEFAULT;
        int timeout =
                reader.integer(
                        "timeout_ms", new FieldReader.Range(1, 600_000), normal.timeoutMillis());
        int memory =
                reader.integer(
                        "max_memory_mb", new FieldReader.Range(1, 2_047), normal.maxMemoryMib());
        int max =
                reader.integer(
                        "max_instances", new FieldReader.Range(1, 1_024), normal.maxInstances());
        // Without it, one: the range of max_instances begins there.
        int min = reader.integer("min_instances", new FieldReader.Range(0, max), 1);
        return new PoolLimits(timeout, memory, min, max);
    }
}
