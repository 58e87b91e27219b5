package io.mimicore.config;

import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.ApiIr;
import io.mimicore.ir.Cors;
import io.mimicore.ir.Digest;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.HostPattern;
import io.mimicore.ir.RateLimit;
import io.mimicore.ir.Route;
import io.mimicore.ir.Serving;
import io.mimicore.ir.UserCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads a v2 file.
final class ApiReader {
    /// Most routes of one API.
    static final int ROUTES_MAX = 10_000;

    private final Problems problems;
    private final Set<Feature> served;

    ApiReader(Problems problems, Set<Feature> served) {
        this.problems = problems;
        this.served = served;
    }

    /// What can be called.
    ///
    /// @param buildKey absent: no code, or none that could be built
    /// @param functions absent: unknown, so that calls are not checked
    record Functions(@Nullable Digest buildKey, @Nullable List<FunctionSignature> functions) {}

    /// What the file says of its name and code.
    record Head(@Nullable String api, CodeReader.@Nullable Code code, boolean hasCode) {}

    /// What stands before the routes.
    private record Frame(
            String name, List<HostPattern> hosts, @Nullable RateLimit rateLimit, Cors cors) {}

    /// Reads what a build needs to know, reporting nothing.
    static Head head(LocatedJson.Fields root, SourceText source) {
        Problems silent = new Problems(source);
        LocatedJson.Fields code =
                root.find("user_code") instanceof LocatedJson.Fields fields ? fields : null;
        boolean isProxy = isProxy(root);
        return new Head(
                root.find("api") instanceof LocatedJson.Text text && ApiIr.isName(text.text())
                        ? text.text()
                        : null,
                code == null || isProxy
                        ? null
                        : new CodeReader(silent)
                                .read(new FieldReader(code, FormatObject.USER_CODE, silent)),
                root.find("user_code") != null);
    }

    /// The API; absent when something is wrong, which is reported, or the functions are unknown.
    @Nullable ApiIr read(LocatedJson.Fields root, Functions code) {
        int before = problems.errors();
        FieldReader api = new FieldReader(root, FormatObject.API, problems);
        String name = name(api);
        version(api);
        api.word("mode", List.of("ir", "proxy"));
        PolicyReader policies = new PolicyReader(api, problems);
        Frame frame = new Frame(name, policies.hosts(name), policies.rateLimit(), policies.cors());
        FieldReader codeFields = api.open("user_code", FormatObject.USER_CODE);
        PoolLimits limits =
                codeFields == null
                        ? PoolLimits.DEFAULT
                        : new CodeReader(problems).read(codeFields).limits();
        Serving serving = isProxy(root) ? proxy(api) : routes(api, code);
        // Calls without known functions have no index yet.
        if (problems.errors() > before || serving == null || code.functions() == null) {
            return null;
        }
        return new ApiIr(
                frame.name(),
                frame.hosts(),
                frame.rateLimit(),
                frame.cors(),
                userCode(code, limits),
                serving);
    }

    private static boolean isProxy(LocatedJson.Fields root) {
        return root.find("mode") instanceof LocatedJson.Text text && text.text().equals("proxy");
    }

    private static @Nullable UserCode userCode(Functions code, PoolLimits limits) {
        if (code.buildKey() == null || code.functions() == null) {
            return null;
        }
        return new UserCode(
                code.buildKey(),
                code.functions(),
                limits.timeoutMillis(),
                limits.maxMemoryMib(),
                limits.minInstances(),
                limits.maxInstances());
    }

    private String name(FieldReader api) {
        String expected = "1 to 63 of a-z, 0-9, _ and -";
        LocatedJson.Text text = api.requireText("api", expected);
        if (text == null) {
            return "api";
        }
        if (!ApiIr.isName(text.text())) {
            String folded = ApiName.fold(text.text());
            problems.error(
                    text,
                    DiagnosticCode.FIELD_VALUE,
                    "api: " + text.shown() + " (expected: " + expected + ")",
                    ApiIr.isName(folded) ? "write " + folded : "");
            return "api";
        }
        return text.text();
    }

    private void version(FieldReader api) {
        LocatedJson.Text version = api.requireText("version", "\"v2\"");
        if (version != null && !version.text().equals("v2")) {
            problems.error(
                    version,
                    DiagnosticCode.FIELD_VALUE,
                    "version: " + version.shown() + " (expected: \"v2\")",
                    version.text().equals("v1") ? "a v1 file is a list of routes" : "");
        }
    }

    private @Nullable Serving proxy(FieldReader api) {
        LocatedJson mode = api.find("mode");
        if (mode != null && !served.contains(Feature.PROXY)) {
            problems.error(
                    mode,
                    DiagnosticCode.UNSUPPORTED,
                    "mode: \"proxy\" (expected: \"ir\"; this build passes no requests on)",
                    "");
        }
        api.conflict("routes", "in mode proxy", "a proxy passes every request on");
        api.conflict("user_code", "in mode proxy", "a proxy runs no code");
        LocatedJson.Text socket = api.text("unix_socket", "the path of a Unix domain socket");
        LocatedJson.Text upstream = api.text("upstream", "a URL");
        if (api.find("unix_socket") != null && api.find("upstream") != null) {
            api.conflict("upstream", "beside unix_socket", "leave one of the two out");
            return null;
        }
        if (socket != null) {
            return isSocketPath(socket)
                    ? new Serving.Proxy(new Serving.ProxyTarget.UnixSocket(socket.text()))
                    : null;
        }
        if (upstream != null) {
            return new UrlCheck(problems).checkBase(upstream)
                    ? new Serving.Proxy(new Serving.ProxyTarget.Upstream(upstream.text()))
                    : null;
        }
        if (api.find("unix_socket") == null && api.find("upstream") == null) {
            api.require("upstream", "upstream or unix_socket in mode proxy");
        }
        return null;
    }

    private boolean isSocketPath(LocatedJson.Text socket) {
        // sun_path of struct sockaddr_un has 108 bytes, the last of them NUL (unix(7)).
        int pathBytesMax = 107;
        String path = socket.text();
        if (path.startsWith("/")
                && path.indexOf('\0') < 0
                && path.getBytes(java.nio.charset.StandardCharsets.UTF_8).length <= pathBytesMax) {
            return true;
        }
        problems.error(
                socket,
                DiagnosticCode.FIELD_VALUE,
                "unix_socket: "
                        + socket.shown()
                        + " (expected: an absolute path of at most "
                        + pathBytesMax
                        + " bytes)",
                "");
        return false;
    }

    private @Nullable Serving routes(FieldReader api, Functions code) {
        String hint = "only \"mode\": \"proxy\" passes requests on";
        api.conflict("unix_socket", "in mode ir", hint);
        api.conflict("upstream", "in mode ir", hint);
        if (api.require("routes", "a list of routes") == null) {
            return null;
        }
        LocatedJson.Array array = api.array("routes");
        if (array == null) {
            return null;
        }
        if (array.elements().size() > ROUTES_MAX) {
            problems.error(
                    array,
                    DiagnosticCode.LIMIT,
                    "routes: "
                            + array.elements().size()
                            + " (expected: at most "
                            + ROUTES_MAX
                            + ")",
                    "divide the API");
            return null;
        }
        List<Route> routes = new ArrayList<>();
        RouteReader reader = new RouteReader(problems, code.functions(), served);
        RouteTable table = new RouteTable(problems);
        for (LocatedJson element : array.elements()) {
            LocatedJson.Fields fields =
                    api.asFields(element, "routes[" + element.pointer().token() + "]");
            Route route = fields == null ? null : reader.read(fields, table);
            if (route != null) {
                routes.add(route);
            }
        }
        return new Serving.Routes(routes);
    }
}
