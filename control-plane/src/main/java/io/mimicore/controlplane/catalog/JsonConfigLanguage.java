package io.mimicore.controlplane.catalog;

import io.mimicore.build.BuildOutcome;
import io.mimicore.config.CodeSource;
import io.mimicore.config.CodeState;
import io.mimicore.config.CompileOutcome;
import io.mimicore.config.ConfigCompiler;
import io.mimicore.config.ConfigDocument;
import io.mimicore.config.ConfigFile;
import io.mimicore.config.ConfigReader;
import io.mimicore.config.ReadOutcome;
import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.diagnostics.Place;
import io.mimicore.ir.ApiIr;
import io.mimicore.ir.Serving;
import io.mimicore.ir.codec.IrCodec;
import org.jspecify.annotations.Nullable;

/// The language of config files, v1 and v2. Thread-safe.
public final class JsonConfigLanguage implements ConfigLanguage {
    /// Raised whenever the reader or the compiler gives another IR for the same file.
    private static final String VERSION = "1";

    @Override
    public String version() {
        return VERSION + "/" + IrCodec.FORMAT;
    }

    @Override
    @SuppressWarnings("IllegalCatch") // a file's defect is reported when it is compiled
    public boolean isWellFormed(byte[] content) {
        try {
            return isWhole(content);
        } catch (RuntimeException _) {
            return true;
        }
    }

    private static boolean isWhole(byte[] content) {
        return switch (ConfigReader.read(new ConfigFile("config.json", content))) {
            case ReadOutcome.Read _ -> true;
            case ReadOutcome.Unreadable unreadable ->
                    unreadable.diagnostics().stream()
                            .noneMatch(problem ->
                                    problem.code() == DiagnosticCode.JSON_SYNTAX
                                            || problem.code() == DiagnosticCode.FILE_ENCODING);
        };
    }

    @Override
    public Reading read(ConfigFile file) {
        return switch (ConfigReader.read(file)) {
            case ReadOutcome.Read read -> new Reading.Declared(new DocumentDraft(read.document()));
            case ReadOutcome.Unreadable unreadable ->
                    new Reading.Unreadable(unreadable.api(), unreadable.diagnostics());
        };
    }

    /// A document that waits for its code.
    private record DocumentDraft(ConfigDocument document) implements Draft {
        @Override
        public String api() {
            return document.api();
        }

        @Override
        public Place apiPlace() {
            return document.apiPlace();
        }

        @Override
        public @Nullable CodeSource code() {
            return document.code();
        }

        @Override
        public Form compile(@Nullable BuildOutcome code) {
            return switch (ConfigCompiler.compile(document, stateOf(code))) {
                case CompileOutcome.Compiled compiled ->
                        new Form.Compiled(
                                IrCodec.encode(compiled.api()),
                                routesOf(compiled.api()),
                                compiled.diagnostics());
                case CompileOutcome.Rejected rejected -> new Form.Rejected(rejected.diagnostics());
            };
        }
    }

    private static CodeState stateOf(@Nullable BuildOutcome code) {
        return switch (code) {
            case null -> new CodeState.NoCode();
            case BuildOutcome.Built built -> new CodeState.Built(built.key(), built.functions());
            case BuildOutcome.Rejected rejected -> new CodeState.Rejected(rejected.problems());
            case BuildOutcome.Unavailable unavailable ->
                    new CodeState.Unavailable(unavailable.reason());
        };
    }

    private static int routesOf(ApiIr api) {
        return switch (api.serving()) {
            case Serving.Routes routes -> routes.routes().size();
            case Serving.Proxy _ -> 1;
        };
    }
}
