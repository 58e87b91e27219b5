package io.mimicore.config;

import io.mimicore.ir.CodeCall;
import io.mimicore.ir.Extraction;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.PathPattern;
import io.mimicore.ir.Route;
import io.mimicore.ir.UpstreamCall;
import io.mimicore.ir.Validation;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads one route of a v2 file.
final class RouteReader {
    private final Problems problems;
    private final @Nullable List<FunctionSignature> functions;
    private final Set<Feature> served;

    /// @param functions absent: the code could not be built, so that calls are not checked
    RouteReader(
            Problems problems, @Nullable List<FunctionSignature> functions, Set<Feature> served) {
        this.problems = problems;
        this.functions = functions;
        this.served = served;
    }

    /// The route; absent when something is wrong in it, which is reported, or the functions are
    /// unknown.
    @Nullable Route read(LocatedJson.Fields fields, RouteTable table) {
        int before = problems.errors();
        FieldReader route = new FieldReader(fields, FormatObject.ROUTE, problems);
        LocatedJson methodAt = route.require("method", "a method, a list of them or *");
        List<String> methods = new MethodReader(problems).read(methodAt);
        LocatedJson.Text pathAt = route.requireText("path", "a path like /users/{id}");
        PathPattern path = new PathReader(problems).read(pathAt);
        if (methods != null && path != null && pathAt != null) {
            table.add(methods, path, pathAt);
        }
        Validation validation =
                new ValidationReader(problems).read(route.open("validate", FormatObject.VALIDATE));
        Names names = new Names(problems);
        CallReader calls = new CallReader(problems);
        FieldReader transform = route.open("transform", FormatObject.TRANSFORM);
        List<Extraction> extractions = readNames(route, transform, path, names, calls);
        TemplateReader templates = templates(path, names);
        List<UpstreamCall> upstreamCalls = calls.upstreamCalls(templates);
        List<CodeCall> codeCalls = calls.codeCalls(templates, functions);
        calls.reportRings();
        if (transform != null && !served.contains(Feature.UPSTREAM_CALLS)) {
            calls.reportUnserved(transform);
        }
        var delay = ResponseReader.delay(route.open("delay", FormatObject.DELAY));
        var response =
                new ResponseReader(problems, templates)
                        .read(route.open("response", FormatObject.RESPONSE));
        if (problems.errors() > before || methods == null || path == null || functions == null) {
            return null;
        }
        return new Route(
                methods,
                path,
                validation,
                extractions,
                upstreamCalls,
                codeCalls,
                delay,
                response,
                names.count());
    }

    private List<Extraction> readNames(
            FieldReader route,
            @Nullable FieldReader transform,
            @Nullable PathPattern path,
            Names names,
            CallReader calls) {
        if (path == null) {
            names.markIncomplete();
        }
        if (transform == null) {
            if (route.find("transform") != null) {
                names.markIncomplete();
            }
            return List.of();
        }
        LocatedJson.Fields extract = transform.fields("extract");
        if (extract == null && transform.find("extract") != null) {
            names.markIncomplete();
        }
        Set<String> parameters = path == null ? null : Set.copyOf(path.parameters());
        List<Extraction> extractions =
                extract == null
                        ? List.of()
                        : new ExtractionReader(problems, names, parameters).read(extract);
        calls.readNames(transform, names);
        return extractions;
    }

    private TemplateReader templates(@Nullable PathPattern path, Names names) {
        Set<String> parameters = path == null ? Set.of() : Set.copyOf(path.parameters());
        return new TemplateReader(names, parameters, functions, problems);
    }
}
