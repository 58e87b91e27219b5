package io.mimicore.config;

import static java.util.Objects.requireNonNull;

import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.diagnostics.Place;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A file that is JSON and names an API; made by [ConfigReader]. Immutable, thread-safe.
public final class ConfigDocument {
    private final SourceText source;
    private final LocatedJson root;
    private final String api;
    private final CodeReader.@Nullable Code code;
    private final boolean hasCode;
    private final List<Diagnostic> syntax;

    /// @param head with a name
    /// @param syntax what the parser found
    ConfigDocument(
            SourceText source, LocatedJson root, ApiReader.Head head, List<Diagnostic> syntax) {
        this.source = source;
        this.root = root;
        this.api = requireNonNull(head.api(), "api");
        this.code = head.code();
        this.hasCode = head.hasCode();
        this.syntax = List.copyOf(syntax);
    }

    /// The API's name.
    public String api() {
        return api;
    }

    /// Where the file gives the API its name: the value of `api`; the file's beginning for a v1
    /// file, which is named by its file name.
    public Place apiPlace() {
        LocatedJson name = root instanceof LocatedJson.Fields fields ? fields.find("api") : null;
        return name == null
                ? source.place(0, Pointer.ROOT)
                : source.place(name.offset(), name.pointer());
    }

    /// What must be built before the file can be compiled; absent: nothing.
    public @Nullable CodeSource code() {
        return code == null ? null : code.source();
    }

    /// The limits for instances of the code; the defaults where the file says nothing.
    public PoolLimits poolLimits() {
        return code == null ? PoolLimits.DEFAULT : code.limits();
    }

    SourceText source() {
        return source;
    }

    LocatedJson root() {
        return root;
    }

    /// The string that holds the code or its path; absent: there is none.
    LocatedJson.@Nullable Text codeText() {
        return code == null ? null : code.at();
    }

    /// Whether the file has a `user_code`, right or wrong.
    boolean hasCode() {
        return hasCode;
    }

    List<Diagnostic> syntax() {
        return syntax;
    }
}
