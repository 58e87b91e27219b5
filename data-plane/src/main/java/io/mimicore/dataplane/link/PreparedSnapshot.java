package io.mimicore.dataplane.link;

import io.mimicore.dataplane.metrics.ApiMetrics;
import io.mimicore.dataplane.routing.HostTable;
import io.mimicore.ir.Digest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A snapshot ready to serve: every API linked, every pool warm.
///
/// Immutable but for the count of its holders, and thread-safe. Whoever linked it is the first
/// holder. When the last one releases it, the pools that no other snapshot holds are closed; what
/// it has besides is left to the garbage collector, so that only requests that call user code have
/// to hold it.
public final class PreparedSnapshot {
    private final long version;
    private final String versionText;
    private final Digest root;
    private final HostTable<LinkedApi> hosts;
    private final Map<String, LinkedApi> apis;
    private final AtomicInteger holders = new AtomicInteger(1);

    PreparedSnapshot(
            long version, Digest root, HostTable<LinkedApi> hosts, Map<String, LinkedApi> apis) {
        this.version = version;
        this.versionText = Long.toString(version);
        this.root = root;
        this.hosts = hosts;
        this.apis = Map.copyOf(apis);
    }

    /// Its number.
    public long version() {
        return version;
    }

    /// Its number as text, always the same object.
    public String versionText() {
        return versionText;
    }

    /// The digest of what it consists of.
    public Digest root() {
        return root;
    }

    /// Number of APIs.
    public int size() {
        return apis.size();
    }

    /// The API that answers to a host, or `null`.
    ///
    /// @param host in lower case, without the port
    public @Nullable LinkedApi find(String host) {
        return hosts.find(host);
    }

    /// The API of a name, or `null`.
    public @Nullable LinkedApi api(String name) {
        return apis.get(name);
    }

    /// Adds a holder, unless the last one has gone.
    public boolean tryRetain() {
        return References.tryRetain(holders);
    }

    /// Takes a holder away.
    public void release() {
        if (References.release(holders)) {
            apis.values().forEach(LinkedApi::releasePool);
        }
    }

    List<ApiMetrics> metrics() {
        return apis.values().stream().map(LinkedApi::metrics).toList();
    }
}
