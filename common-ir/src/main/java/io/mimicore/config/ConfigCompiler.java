package io.mimicore.config;

import io.mimicore.build.SourceProblem;
import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.ApiIr;
import java.util.List;
import java.util.Set;

/// Compiles a document to IR, reporting every problem of the file at once.
///
/// Thread-safe; keeps nothing.
public final class ConfigCompiler {
    private ConfigCompiler() {}

    /// Compiles a document with the code that was built for it.
    ///
    /// @throws IllegalArgumentException if the document asks for code and `code` is
    ///   [CodeState.NoCode], or the other way round
    public static CompileOutcome compile(ConfigDocument document, CodeState code) {
        return compile(document, code, Feature.SERVED);
    }

    static CompileOutcome compile(ConfigDocument document, CodeState code, Set<Feature> served) {
        if ((document.code() == null) != (code instanceof CodeState.NoCode)) {
            throw new IllegalArgumentException(
                    "code: "
                            + code
                            + " (expected: "
                            + (document.code() == null ? "NoCode" : "what became of the build")
                            + ")");
        }
        Problems problems = new Problems(document.source());
        document.syntax().forEach(problems::add);
        ApiReader.Functions functions = functions(document, code, problems);
        ApiIr api =
                switch (document.root()) {
                    case LocatedJson.Fields fields ->
                            new ApiReader(problems, served).read(fields, functions);
                    case LocatedJson.Array array ->
                            new V1Reader(problems).read(array, document.api());
                    case LocatedJson other ->
                            throw new AssertionError(
                                    other.shown() + " (expected: an object or a list)");
                };
        List<Diagnostic> diagnostics = problems.sorted();
        return api == null || problems.errors() > 0
                ? new CompileOutcome.Rejected(diagnostics)
                : new CompileOutcome.Compiled(api, diagnostics);
    }

    private static ApiReader.Functions functions(
            ConfigDocument document, CodeState code, Problems problems) {
        return switch (code) {
            case CodeState.NoCode _ ->
                    new ApiReader.Functions(null, document.hasCode() ? null : List.of());
            case CodeState.Built built ->
                    new ApiReader.Functions(built.buildKey(), built.functions());
            case CodeState.Rejected rejected -> {
                LocatedJson.Text at = codeText(document);
                GoPlaces places = new GoPlaces(document.source(), at);
                rejected.problems()
                        .forEach(problem -> problems.add(goProblem(problem, document, at, places)));
                yield new ApiReader.Functions(null, null);
            }
            case CodeState.Unavailable unavailable -> {
                problems.error(
                        codeText(document),
                        DiagnosticCode.BUILD_UNAVAILABLE,
                        "user_code: " + unavailable.reason(),
                        "");
                yield new ApiReader.Functions(null, null);
            }
        };
    }

    private static LocatedJson.Text codeText(ConfigDocument document) {
        LocatedJson.Text at = document.codeText();
        if (at == null) {
            throw new AssertionError("user_code (expected: a string, since there was a build)");
        }
        return at;
    }

    private static Diagnostic goProblem(
            SourceProblem problem, ConfigDocument document, LocatedJson.Text at, GoPlaces places) {
        String message = problem.message() + " (" + problem.code() + ")";
        return switch (document.code()) {
            case CodeSource.File file ->
                    Diagnostic.error(
                            document.source().place(at.offset(), at.pointer()),
                            DiagnosticCode.GO_SOURCE,
                            inFile(file.path(), problem) + message,
                            problem.hint());
            case CodeSource.Inline _ ->
                    Diagnostic.error(
                            places.place(problem.line(), problem.column()),
                            DiagnosticCode.GO_SOURCE,
                            message,
                            problem.hint());
            case null -> throw new AssertionError("code: none (expected: what was built)");
        };
    }

    private static String inFile(String path, SourceProblem problem) {
        StringBuilder place = new StringBuilder(path);
        if (problem.line() > 0) {
            place.append(':').append(problem.line());
            if (problem.column() > 0) {
                place.append(':').append(problem.column());
            }
        }
        return place.append(": ").toString();
    }
}
