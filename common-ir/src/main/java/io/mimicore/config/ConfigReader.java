package io.mimicore.config;

import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.ApiIr;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads a file and checks everything in it that needs no built code.
///
/// Thread-safe; keeps nothing.
public final class ConfigReader {
    private ConfigReader() {}

    /// Reads a v1 or v2 file; never fails, whatever the bytes are.
    public static ReadOutcome read(ConfigFile file) {
        if (file.content().length > ConfigFile.BYTES_MAX) {
            return tooLarge(file);
        }
        Decoded decoded = decode(file.content());
        SourceText source = new SourceText(file.name(), decoded.text());
        Problems problems = new Problems(source);
        if (!decoded.isWhole()) {
            problems.error(
                    decoded.text().length(),
                    Pointer.ROOT,
                    DiagnosticCode.FILE_ENCODING,
                    "file: not UTF-8 from here on (expected: UTF-8)",
                    "save the file as UTF-8");
            return new ReadOutcome.Unreadable(null, problems.sorted());
        }
        LocatedJsonParser.Parsed parsed = LocatedJsonParser.parse(source, problems);
        if (parsed.root() == null) {
            return new ReadOutcome.Unreadable(validName(parsed.api()), problems.sorted());
        }
        return check(source, parsed.root(), problems);
    }

    private static ReadOutcome check(SourceText source, LocatedJson root, Problems problems) {
        return switch (root) {
            case LocatedJson.Fields fields -> {
                List<Diagnostic> syntax = problems.sorted();
                ApiReader.Head head = ApiReader.head(fields, source);
                ApiReader reader = new ApiReader(problems, EnumSet.allOf(Feature.class));
                reader.read(
                        fields, new ApiReader.Functions(null, head.hasCode() ? null : List.of()));
                yield head.api() == null
                        ? new ReadOutcome.Unreadable(null, problems.sorted())
                        : new ReadOutcome.Read(
                                new ConfigDocument(source, root, head, syntax), problems.sorted());
            }
            case LocatedJson.Array array -> {
                List<Diagnostic> syntax = problems.sorted();
                String name = ApiName.ofFile(source.name());
                String valid = validName(name);
                if (valid == null) {
                    badFileName(name, problems);
                }
                new V1Reader(problems).read(array, valid == null ? "api" : valid);
                yield valid == null
                        ? new ReadOutcome.Unreadable(null, problems.sorted())
                        : new ReadOutcome.Read(
                                new ConfigDocument(
                                        source,
                                        root,
                                        new ApiReader.Head(valid, null, false),
                                        syntax),
                                problems.sorted());
            }
            case LocatedJson other -> {
                problems.error(
                        other,
                        DiagnosticCode.FIELD_TYPE,
                        "file: "
                                + other.shown()
                                + " (expected: an object, or a list of routes as in v1)",
                        "");
                yield new ReadOutcome.Unreadable(null, problems.sorted());
            }
        };
    }

    private static void badFileName(String name, Problems problems) {
        String folded = ApiName.fold(name);
        problems.error(
                0,
                Pointer.ROOT,
                DiagnosticCode.FIELD_VALUE,
                "file: "
                        + CanonicalJson.quote(name)
                        + " as the API's name (expected: 1 to 63 of a-z, 0-9, _ and -)",
                "a v1 API is named after its file; "
                        + (ApiIr.isName(folded)
                                ? "rename it to " + folded + ".json"
                                : "rename it, for example to my_api.json"));
    }

    private static ReadOutcome tooLarge(ConfigFile file) {
        Problems problems = new Problems(new SourceText(file.name(), ""));
        problems.error(
                0,
                Pointer.ROOT,
                DiagnosticCode.FILE_TOO_LARGE,
                "file: "
                        + file.content().length
                        + " bytes (expected: at most "
                        + ConfigFile.BYTES_MAX
                        + ")",
                "move user code into a file of its own, or divide the API");
        return new ReadOutcome.Unreadable(null, problems.sorted());
    }

    private static @Nullable String validName(@Nullable String name) {
        return name != null && ApiIr.isName(name) ? name : null;
    }

    /// A text up to the first byte that is not UTF-8.
    private record Decoded(String text, boolean isWhole) {}

    private static Decoded decode(byte[] content) {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        CharBuffer chars = CharBuffer.allocate(content.length + 1);
        CharsetDecoder decoder =
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT);
        boolean isWhole = !decoder.decode(bytes, chars, true).isError();
        chars.flip();
        String text = chars.toString();
        return new Decoded(text.startsWith("\uFEFF") ? text.substring(1) : text, isWhole);
    }
}
