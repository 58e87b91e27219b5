package io.mimicore.dataplane.link;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.artifact.Artifact;
import io.mimicore.artifact.ArtifactManifest;
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
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Builds APIs for tests. The API `a` answers to `a.localhost` unless told otherwise.
public final class ApiFixture {
    private final String name;
    private final List<Route> routes = new ArrayList<>();
    private final List<HostPattern> hosts = new ArrayList<>();
    private @Nullable RateLimit rateLimit;
    private @Nullable UserCode userCode;
    private Cors cors = Cors.OPEN;

    private ApiFixture(String name) {
        this.name = name;
    }

    public static ApiFixture named(String name) {
        return new ApiFixture(name);
    }

    public static Digest digest(String text) {
        return Digest.of(text.getBytes(UTF_8));
    }

    public static UserCode userCode(String... functions) {
        List<FunctionSignature> signatures =
                Arrays.stream(functions)
                        .<FunctionSignature>map(FunctionSignature.Raw::new)
                        .toList();
        return new UserCode(digest("build"), signatures, 100, 64, 1, 4);
    }

    public ApiFixture route(RouteFixture route) {
        routes.add(route.build());
        return this;
    }

    public ApiFixture host(HostPattern host) {
        hosts.add(host);
        return this;
    }

    public ApiFixture rateLimit(double perSecond, int burst) {
        rateLimit = new RateLimit(perSecond, burst);
        return this;
    }

    public ApiFixture cors(Cors newCors) {
        cors = newCors;
        return this;
    }

    public ApiFixture code(UserCode code) {
        userCode = code;
        return this;
    }

    public ApiIr build() {
        return build(new Serving.Routes(routes));
    }

    public ApiIr build(Serving serving) {
        List<HostPattern> all = hosts.isEmpty() ? List.of(new HostPattern.FirstLabel(name)) : hosts;
        return new ApiIr(name, all, rateLimit, cors, userCode, serving);
    }

    public LoadedApi load() {
        return load("artifact");
    }

    /// @param artifact names the artifact when the API has user code
    public LoadedApi load(String artifact) {
        ApiIr ir = build();
        Digest irDigest = digest(ir.toString());
        if (userCode == null) {
            return new LoadedApi(ir, irDigest, null, null);
        }
        Artifact built = artifact(userCode);
        return new LoadedApi(ir, irDigest, () -> built, digest(artifact));
    }

    private static Artifact artifact(UserCode code) {
        Digest any = digest("");
        var manifest =
                new ArtifactManifest(
                        ArtifactManifest.ABI,
                        code.buildKey(),
                        "go",
                        "1.24",
                        "none",
                        code.functions(),
                        any,
                        any,
                        "Machine");
        return new Artifact(manifest, new byte[0], new byte[0]);
    }
}
