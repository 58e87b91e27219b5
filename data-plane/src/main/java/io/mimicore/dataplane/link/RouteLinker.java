package io.mimicore.dataplane.link;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.dataplane.cors.CorsPolicy;
import io.mimicore.dataplane.extract.VariableExtraction;
import io.mimicore.dataplane.metrics.RouteMetrics;
import io.mimicore.dataplane.render.Template;
import io.mimicore.dataplane.render.TemplateCompiler;
import io.mimicore.dataplane.routing.PathParameters;
import io.mimicore.dataplane.validation.RequestValidator;
import io.mimicore.dataplane.validation.RuleProblem;
import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.Body;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.HeaderTemplate;
import io.mimicore.ir.Response;
import io.mimicore.ir.Route;
import io.mimicore.ir.TextTemplate;
import io.mimicore.ir.UpstreamCall;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Links the routes of one API. Confined to one thread.
final class RouteLinker {
    private static final String JSON = "application/json";
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    /// Fields that frame the message or that the node sets on every answer. A config may name them,
    /// as recorded answers do, but they are not the author's to set.
    private static final Set<String> NODE_HEADERS =
            Set.of(
                    "connection",
                    "content-length",
                    "date",
                    "keep-alive",
                    "proxy-connection",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade",
                    "x-mimicore-version",
                    "x-request-id");

    private final CorsPolicy cors;
    private final List<FunctionSignature> functions;
    private final UpstreamLinker upstreams;
    private final ProblemSink problems;

    /// Header lists that many routes have in common.
    private final Map<List<String>, List<String>> headerLists = new HashMap<>();

    RouteLinker(
            CorsPolicy cors,
            List<FunctionSignature> functions,
            UpstreamLinker upstreams,
            ProblemSink problems) {
        this.cors = cors;
        this.functions = functions;
        this.upstreams = upstreams;
        this.problems = problems;
    }

    /// The linked route, or `null` when there are problems.
    @Nullable LinkedRoute link(Route route, RouteMetrics metrics) {
        try {
            return linkSupported(route, metrics);
        } catch (IllegalArgumentException e) {
            // A path parameter that the pattern does not have.
            add(route, DiagnosticCode.NAME_UNKNOWN, String.valueOf(e.getMessage()));
            return null;
        }
    }

    private @Nullable LinkedRoute linkSupported(Route route, RouteMetrics metrics) {
        var parameters = PathParameters.of(route.path());
        var compiler = new TemplateCompiler(parameters, route.slots());
        List<RuleProblem> rules = new ArrayList<>();
        var validator = RequestValidator.compile(route.validation(), rules);
        rules.forEach(rule -> add(route, rule.code(), rule.message()));
        List<VariableExtraction> extractions =
                route.extractions().stream()
                        .map(extraction -> VariableExtraction.of(extraction, parameters))
                        .toList();
        route.upstreamCalls().forEach(call -> compiler.declareReply(call.slot()));
        List<UpstreamLinker.Draft> calls = drafts(route, compiler);
        route.codeCalls().forEach(compiler::compile);
        ResponsePlan response = response(route, compiler);
        StepPlan steps =
                StepPlan.of(
                        compiler.invocations(),
                        functions,
                        calls.stream().map(call -> call.plan(compiler)).toList());
        if (steps == null) {
            add(route, DiagnosticCode.CALL_CYCLE, "calls wait for each other");
        }
        boolean callsFit = calls.size() == route.upstreamCalls().size();
        if (!rules.isEmpty() || steps == null || response == null || !callsFit) {
            return null;
        }
        boolean any = route.methods().isEmpty();
        if (response.isConstant()
                && steps.isEmpty()
                && validator.isEmpty()
                && extractions.isEmpty()
                && route.delay() == null) {
            return new LinkedRoute.Static(metrics, any, page(response));
        }
        boolean body =
                compiler.readsBody()
                        || validator.readsBody()
                        || extractions.stream().anyMatch(it -> it.source().isBody());
        boolean query =
                compiler.readsQuery()
                        || validator.readsQuery()
                        || extractions.stream().anyMatch(it -> it.source().isQuery());
        return new LinkedRoute.Dynamic(
                metrics,
                any,
                new LinkedRoute.Demands(parameters, body, query),
                validator,
                extractions,
                steps,
                compiler.slots(),
                route.delay(),
                response);
    }

    /// The calls of a route; fewer than there are when some cannot be made, which is reported.
    private List<UpstreamLinker.Draft> drafts(Route route, TemplateCompiler compiler) {
        List<UpstreamLinker.Draft> drafts = new ArrayList<>();
        for (UpstreamCall call : route.upstreamCalls()) {
            try {
                drafts.add(upstreams.draft(call, compiler));
            } catch (IllegalArgumentException e) {
                add(route, DiagnosticCode.FIELD_VALUE, call.name() + ": " + e.getMessage());
            }
        }
        return drafts;
    }

    private @Nullable ResponsePlan response(Route route, TemplateCompiler compiler) {
        Response response = route.response();
        List<ResponsePlan.Header> headers = new ArrayList<>();
        boolean valid = true;
        boolean ownType = false;
        boolean ownCors = false;
        for (HeaderTemplate header : response.headers()) {
            String name = header.name().toLowerCase(Locale.ROOT);
            ownType |= name.equals("content-type");
            ownCors |= name.equals("access-control-allow-origin");
            if (NODE_HEADERS.contains(name)) {
                continue;
            }
            Template value = compiler.compile(header.value());
            headers.add(new ResponsePlan.Header(header.name(), value));
            valid &= isSendable(route, header.name(), value);
        }
        Template body = body(response.body(), compiler);
        String type = ownType ? null : contentType(response.body());
        return valid ? new ResponsePlan(response.status(), type, headers, body, ownCors) : null;
    }

    private boolean isSendable(Route route, String name, Template value) {
        if (!TOKEN.matcher(name).matches()) {
            add(route, DiagnosticCode.FIELD_VALUE, "header: " + name + " (expected: a token)");
            return false;
        }
        if (value.isConstant() && !ResponsePlan.isFieldValue(new String(value.constant(), UTF_8))) {
            add(
                    route,
                    DiagnosticCode.FIELD_VALUE,
                    "header: " + name + " (expected: a value without control characters)");
            return false;
        }
        return true;
    }

    private static Template body(Body body, TemplateCompiler compiler) {
        return switch (body) {
            case Body.Empty _ -> compiler.compile(TextTemplate.of(""));
            case Body.Text text -> compiler.compile(text.template());
            case Body.Json json -> compiler.compile(json.template());
        };
    }

    private static @Nullable String contentType(Body body) {
        return switch (body) {
            case Body.Empty _ -> null;
            case Body.Text _ -> TEXT;
            case Body.Json _ -> JSON;
        };
    }

    private StaticPage page(ResponsePlan response) {
        List<String> headers = new ArrayList<>();
        if (!response.ownCors()) {
            headers.addAll(cors.constantFields());
        }
        if (response.contentType() != null) {
            headers.add("Content-Type");
            headers.add(response.contentType());
        }
        for (ResponsePlan.Header header : response.headers()) {
            headers.add(header.name());
            headers.add(new String(header.value().constant(), UTF_8));
        }
        List<String> shared = List.copyOf(headers);
        return new StaticPage(
                response.status(),
                headerLists.computeIfAbsent(shared, it -> it),
                response.body().constant(),
                response.ownCors());
    }

    private void add(Route route, DiagnosticCode code, String message) {
        String methods = route.methods().isEmpty() ? "*" : String.join(",", route.methods());
        problems.add(code, methods + " " + route.path().text() + ": " + message);
    }

    /// Takes problems of one API.
    interface ProblemSink {
        /// @param message for the author
        void add(DiagnosticCode code, String message);
    }
}
