package io.mimicore.store;

import io.mimicore.ir.Digest;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The layout of the metadata store, all under `/mimicore/{cluster}/`.
public record StoreKeys(String cluster) {
    public StoreKeys {
        if (!cluster.matches("[a-z0-9_-]{1,63}")) {
            throw new IllegalArgumentException(
                    "cluster: " + cluster + " (expected: [a-z0-9_-]{1,63})");
        }
    }

    /// Authors' files.
    public String sources() {
        return root() + "src/";
    }

    /// One author's file.
    public String source(String api) {
        return sources() + api;
    }

    /// Immutable content.
    public String objects() {
        return root() + "obj/";
    }

    /// Immutable content: an `ObjectRecord`.
    public String object(Digest digest) {
        return objects() + digest.hex();
    }

    /// A chunk of large content, from 1; the record itself is chunk 0.
    public String objectChunk(Digest digest, int chunk) {
        return object(digest) + "/" + chunk;
    }

    /// Snapshot roots. Versions are padded so that key order is number order.
    public String versions() {
        return root() + "ver/";
    }

    /// One snapshot root.
    public String version(long version) {
        return versions() + String.format(Locale.ROOT, "%019d", version);
    }

    /// Channels.
    public String channels() {
        return root() + "chan/";
    }

    /// One channel's pointer: the only hot key.
    public String channel(String channel) {
        return channels() + channel;
    }

    /// Leader keys.
    public String leader(String role) {
        return root() + "lead/" + role;
    }

    /// Status of nodes and workers.
    public String nodes() {
        return root() + "node/";
    }

    /// Status of one node or worker.
    public String node(String id) {
        return nodes() + id;
    }

    /// Compiler workers. No node's id holds a slash, so these keys are never a node's.
    public String workers() {
        return nodes() + "worker/";
    }

    /// One compiler worker; leased.
    public String worker(String id) {
        return workers() + id;
    }

    /// All builds.
    public String builds() {
        return root() + "build/";
    }

    /// What is to be built.
    public String buildRequest(Digest key) {
        return builds() + key.hex() + "/request";
    }

    /// The build that a name of a key below [#builds] belongs to; null: of none.
    public @Nullable Digest buildKey(String name) {
        int from = builds().length();
        int to = name.indexOf('/', from);
        if (!name.startsWith(builds()) || to - from != 2 * Digest.BYTES) {
            return null;
        }
        try {
            return new Digest(name.substring(from, to));
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    /// How far a build is.
    public String buildState(Digest key) {
        return builds() + key.hex() + "/state";
    }

    /// Who builds; leased, its create revision is the fence.
    public String buildOwner(Digest key) {
        return builds() + key.hex() + "/owner";
    }

    /// Digests of artifacts that the leader is just removing, one after the other; written before
    /// the first and after the last is removed. Whoever publishes an artifact compares the revision
    /// that this had before it stored the bytes.
    public String condemnedArtifacts() {
        return root() + "gc/artifacts";
    }

    /// Written together with every record of a node that names another version than before. Whoever
    /// removes versions compares the revision that this had before the records were read.
    public String versionsReported() {
        return root() + "gc/versions";
    }

    /// Control planes that are there.
    public String replicas() {
        return root() + "replica/";
    }

    /// One run of a control plane's process; leased.
    public String replica(String bootId) {
        return replicas() + bootId;
    }

    /// Nodes that are to take no traffic.
    public String drains() {
        return root() + "drain/";
    }

    /// One node that is to take no traffic.
    public String drain(String node) {
        return drains() + node;
    }

    private String root() {
        return "/mimicore/" + cluster + "/";
    }
}
