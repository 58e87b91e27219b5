package io.mimicore.config;

import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.Argument;
import io.mimicore.ir.Body;
import io.mimicore.ir.Expression;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.JsonTemplate;
import io.mimicore.ir.TextTemplate;
import io.mimicore.template.Scope;
import io.mimicore.template.TemplateCompiler;
import io.mimicore.template.TemplateProblem;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Compiles the templates of one route and puts their problems where they stand in the file.
final class TemplateReader {
    private static final String HOLE = "{{";

    private final Scope scope;
    private final Problems problems;
    private final boolean namesComplete;

    /// @param functions absent: the code could not be built, so that calls are not checked
    TemplateReader(
            Names names,
            Set<String> pathParameters,
            @Nullable List<FunctionSignature> functions,
            Problems problems) {
        this.scope = new Scope(names.slots(), pathParameters, functions);
        this.namesComplete = names.isComplete();
        this.problems = problems;
    }

    TextTemplate text(LocatedJson.Text source) {
        return source.text().contains(HOLE)
                ? compilerFor(source).text(source.text())
                : TextTemplate.of(source.text());
    }

    /// A value as a body: a string is sent as text, everything else as JSON.
    Body body(@Nullable LocatedJson source) {
        return switch (source) {
            case null -> new Body.Empty();
            case LocatedJson.Text text -> new Body.Text(text(text));
            case LocatedJson other -> new Body.Json(json(other));
        };
    }

    /// A JSON value with templates in its strings, at any depth. Names of members are none.
    JsonTemplate json(LocatedJson source) {
        List<JsonTemplate.Part> parts = new ArrayList<>();
        StringBuilder raw = new StringBuilder();
        append(source, raw, parts);
        flush(raw, parts);
        return new JsonTemplate(parts);
    }

    Argument argument(LocatedJson source) {
        return switch (source) {
            case LocatedJson.Text text -> compilerFor(text).argument(text.text());
            case LocatedJson.Array array -> new Argument.Json(json(array));
            case LocatedJson.Fields fields -> new Argument.Json(json(fields));
            case LocatedJson.Null _, LocatedJson.Bool _, LocatedJson.Number _ ->
                    new Argument.Computed(new Expression.Constant(source.value()));
        };
    }

    private void append(LocatedJson value, StringBuilder raw, List<JsonTemplate.Part> parts) {
        switch (value) {
            case LocatedJson.Null _, LocatedJson.Bool _, LocatedJson.Number _ ->
                    CanonicalJson.append(raw, value);
            case LocatedJson.Text text -> appendText(text, raw, parts);
            case LocatedJson.Array array -> {
                raw.append('[');
                String separator = "";
                for (LocatedJson element : array.elements()) {
                    raw.append(separator);
                    append(element, raw, parts);
                    separator = ",";
                }
                raw.append(']');
            }
            case LocatedJson.Fields fields -> {
                raw.append('{');
                String separator = "";
                for (LocatedJson.Member member : fields.members()) {
                    raw.append(separator);
                    CanonicalJson.appendQuoted(raw, member.name());
                    raw.append(':');
                    append(member.value(), raw, parts);
                    separator = ",";
                }
                raw.append('}');
            }
        }
    }

    private void appendText(
            LocatedJson.Text text, StringBuilder raw, List<JsonTemplate.Part> parts) {
        if (!text.text().contains(HOLE)) {
            CanonicalJson.appendQuoted(raw, text.text());
            return;
        }
        for (JsonTemplate.Part part : compilerFor(text).jsonString(text.text())) {
            if (part instanceof JsonTemplate.Raw literal) {
                raw.append(literal.text());
            } else {
                flush(raw, parts);
                parts.add(part);
            }
        }
    }

    private static void flush(StringBuilder raw, List<JsonTemplate.Part> parts) {
        if (!raw.isEmpty()) {
            parts.add(new JsonTemplate.Raw(raw.toString()));
            raw.setLength(0);
        }
    }

    private TemplateCompiler compilerFor(LocatedJson.Text source) {
        return new TemplateCompiler(scope, problem -> report(source, problem));
    }

    private void report(LocatedJson.Text source, TemplateProblem problem) {
        if (problem.code() == DiagnosticCode.NAME_UNKNOWN && !namesComplete) {
            return;
        }
        problems.errorInside(
                source,
                problem.offset(),
                problem.code(),
                new Problems.Wording(problem.message(), problem.hint()));
    }
}
