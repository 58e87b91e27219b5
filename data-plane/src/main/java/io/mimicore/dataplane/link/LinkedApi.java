package io.mimicore.dataplane.link;

import static java.util.Objects.requireNonNull;

import io.mimicore.dataplane.code.CodePool;
import io.mimicore.dataplane.cors.CorsPolicy;
import io.mimicore.dataplane.limit.TokenBucket;
import io.mimicore.dataplane.metrics.ApiMetrics;
import io.mimicore.dataplane.routing.RouteTrie;
import io.mimicore.ir.ApiIr;
import io.mimicore.ir.Digest;
import io.mimicore.ir.HostPattern;
import io.mimicore.ir.UserCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An API as requests find it. Immutable; snapshots share it as long as it does not change.
public final class LinkedApi {
    private final String name;
    private final Digest irDigest;
    private final List<HostPattern> hosts;
    private final @Nullable TokenBucket bucket;
    private final CorsPolicy cors;
    private final RouteTrie<LinkedRoute> routes;
    private final ApiMetrics metrics;
    private final @Nullable LinkedProxy proxy;
    private final @Nullable UserCode userCode;
    private final @Nullable Digest artifactDigest;
    private final @Nullable SharedPool pool;

    LinkedApi(
            LoadedApi loaded,
            @Nullable TokenBucket bucket,
            RouteTable table,
            @Nullable SharedPool pool) {
        ApiIr ir = loaded.ir();
        this.name = ir.name();
        this.irDigest = loaded.irDigest();
        this.hosts = ir.hosts();
        this.bucket = bucket;
        this.cors = table.cors();
        this.routes = table.routes();
        this.metrics = table.metrics();
        this.proxy = table.proxy();
        this.userCode = ir.userCode();
        this.artifactDigest = loaded.artifactDigest();
        this.pool = pool;
    }

    /// The API's name.
    public String name() {
        return name;
    }

    /// How often it may be asked; absent: without limit.
    public @Nullable TokenBucket bucket() {
        return bucket;
    }

    /// Who may see its answers.
    public CorsPolicy cors() {
        return cors;
    }

    /// Its routes.
    public RouteTrie<LinkedRoute> routes() {
        return routes;
    }

    /// Where its requests are passed on to; absent: its routes answer.
    public @Nullable LinkedProxy proxy() {
        return proxy;
    }

    /// Its counters.
    public ApiMetrics metrics() {
        return metrics;
    }

    /// The instances of its user code. Only for a request that holds the snapshot.
    ///
    /// @throws NullPointerException if none of its routes calls user code
    public CodePool pool() {
        return requireNonNull(pool, "pool").pool();
    }

    List<HostPattern> hosts() {
        return hosts;
    }

    @Nullable SharedPool sharedPool() {
        return pool;
    }

    boolean isSameAs(LoadedApi loaded) {
        return irDigest.equals(loaded.irDigest())
                && java.util.Objects.equals(artifactDigest, loaded.artifactDigest());
    }

    boolean hasSameCodeAs(LoadedApi loaded) {
        return java.util.Objects.equals(userCode, loaded.ir().userCode())
                && java.util.Objects.equals(artifactDigest, loaded.artifactDigest());
    }

    void releasePool() {
        if (pool != null) {
            pool.release();
        }
    }

    /// What is linked of an API apart from what outlives its versions.
    record RouteTable(
            CorsPolicy cors,
            RouteTrie<LinkedRoute> routes,
            ApiMetrics metrics,
            boolean callsCode,
            @Nullable LinkedProxy proxy) {}
}
