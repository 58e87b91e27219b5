package io.mimicore.config;

import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.Argument;
import io.mimicore.ir.CodeCall;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.TextTemplate;
import io.mimicore.ir.UpstreamCall;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads the calls of `transform`: first their names, so that templates may name any of them in any
/// order, then the rest.
final class CallReader {
    private static final int TIMEOUT_MILLIS_DEFAULT = 5_000;
    private static final int TIMEOUT_MILLIS_MAX = 600_000;

    private final Problems problems;
    private final List<Named> upstream = new ArrayList<>();
    private final List<Named> code = new ArrayList<>();
    private final CallGraph graph = new CallGraph();

    CallReader(Problems problems) {
        this.problems = problems;
    }

    /// A call whose name has its slot.
    private record Named(FieldReader reader, LocatedJson.@Nullable Text name, int slot) {}

    /// Reads the names of all calls into `names`.
    void readNames(FieldReader transform, Names names) {
        readNames(transform, "http", FormatObject.HTTP_CALL, names);
        readNames(transform, "wasm", FormatObject.WASM_CALL, names);
    }

    private void readNames(FieldReader transform, String field, FormatObject format, Names names) {
        LocatedJson.Array array = transform.array(field);
        if (array == null) {
            if (transform.find(field) != null) {
                names.markIncomplete();
            }
            return;
        }
        for (LocatedJson element : array.elements()) {
            String label = field + "[" + element.pointer().token() + "]";
            LocatedJson.Fields fields = transform.asFields(element, label);
            if (fields == null) {
                names.markIncomplete();
                continue;
            }
            FieldReader reader = new FieldReader(fields, format, problems);
            LocatedJson.Text name = reader.requireText("name", "the name of the result");
            int slot = -1;
            if (name == null) {
                names.markIncomplete();
            } else {
                slot = names.define(name.text(), "name", name.offset(), name.pointer());
            }
            (format == FormatObject.HTTP_CALL ? upstream : code).add(new Named(reader, name, slot));
        }
    }

    List<UpstreamCall> upstreamCalls(TemplateReader templates) {
        List<UpstreamCall> calls = new ArrayList<>();
        for (Named named : upstream) {
            UpstreamCall call = upstreamCall(named, templates);
            if (call != null && named.name() != null) {
                calls.add(call);
                graph.add(call.slot(), named.name(), SlotReads.of(call));
            }
        }
        return calls;
    }

    private @Nullable UpstreamCall upstreamCall(Named named, TemplateReader templates) {
        FieldReader reader = named.reader();
        LocatedJson.Text url = reader.requireText("url", "a URL");
        TextTemplate target = url == null ? TextTemplate.of("") : templates.text(url);
        boolean isUrl = url != null && new UrlCheck(problems).check(url, target);
        LocatedJson.Text method = reader.text("method", "a method like GET");
        boolean isMethod = method == null || new MethodReader(problems).isMethod(method);
        var headers = new HeaderReader(problems, templates).request(reader.fields("headers"));
        var body = templates.body(reader.find("body"));
        int timeout =
                reader.integer(
                        "timeout",
                        new FieldReader.Range(1, TIMEOUT_MILLIS_MAX),
                        TIMEOUT_MILLIS_DEFAULT);
        LocatedJson onError = reader.find("on_error");
        var fallback = onError == null ? null : templates.json(onError);
        return isUrl && isMethod && named.name() != null
                ? new UpstreamCall(
                        named.name().text(),
                        named.slot(),
                        method == null ? "GET" : method.text(),
                        target,
                        headers,
                        body,
                        timeout,
                        fallback)
                : null;
    }

    /// @param functions absent: the code could not be built, so that calls are not checked
    List<CodeCall> codeCalls(
            TemplateReader templates, @Nullable List<FunctionSignature> functions) {
        List<CodeCall> calls = new ArrayList<>();
        FunctionCheck check = new FunctionCheck(problems, functions);
        for (Named named : code) {
            FieldReader reader = named.reader();
            LocatedJson.Text function = reader.requireText("function", "a function's name");
            LocatedJson.Array args = reader.array("args");
            List<LocatedJson> values = args == null ? List.of() : args.elements();
            List<Argument> arguments = values.stream().map(templates::argument).toList();
            boolean areArgs = args != null || reader.find("args") == null;
            int index = function == null ? -1 : check.find(function);
            if (index >= 0 && areArgs) {
                check.arguments(index, args == null ? reader.object() : args, arguments);
            }
            if (named.name() != null) {
                CodeCall call =
                        new CodeCall(
                                named.name().text(), named.slot(), Math.max(0, index), arguments);
                calls.add(call);
                graph.add(call.slot(), named.name(), SlotReads.of(call));
            }
        }
        return calls;
    }

    /// Reports calls that wait for each other.
    void reportRings() {
        graph.reportRings(problems);
    }

    /// Reports that the build does not serve upstream calls, if there are any.
    void reportUnserved(FieldReader transform) {
        LocatedJson http = transform.find("http");
        if (http != null && !upstream.isEmpty()) {
            problems.error(
                    http,
                    DiagnosticCode.UNSUPPORTED,
                    "http: a list of calls (expected: none; this build makes no upstream calls)",
                    "");
        }
    }
}
