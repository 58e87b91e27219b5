package io.mimicore.controlplane.admin;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import io.grpc.stub.StreamObserver;
import io.mimicore.controlplane.snapshot.Snapshot;
import io.mimicore.controlplane.snapshot.SnapshotDiff;
import io.mimicore.controlplane.snapshot.SnapshotReader;
import io.mimicore.proto.admin.v1.ApiChange;
import io.mimicore.proto.admin.v1.DiffVersionsRequest;
import io.mimicore.proto.admin.v1.DiffVersionsResponse;
import io.mimicore.proto.admin.v1.GetVersionRequest;
import io.mimicore.proto.admin.v1.ListVersionsRequest;
import io.mimicore.proto.admin.v1.ListVersionsResponse;
import io.mimicore.proto.admin.v1.Version;
import io.mimicore.proto.admin.v1.VersionServiceGrpc;
import io.mimicore.proto.store.v1.VersionRecord;
import io.mimicore.snapshot.ApiEntry;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreException;
import io.mimicore.store.StoreKeys;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Shows the versions that are kept and what differs between two of them. Reads the store, so every
/// replica answers, whether it leads or not. Thread-safe; calls block.
public final class VersionServiceEndpoint extends VersionServiceGrpc.VersionServiceImplBase {
    private static final String PREFIX = "versions/";
    private static final String TYPE = "Version";

    private final MetadataStore store;
    private final StoreKeys keys;
    private final SnapshotReader reader;

    /// @param keys the cluster's
    public VersionServiceEndpoint(MetadataStore store, StoreKeys keys, SnapshotReader reader) {
        this.store = requireNonNull(store, "store");
        this.keys = requireNonNull(keys, "keys");
        this.reader = requireNonNull(reader, "reader");
    }

    @Override
    public void getVersion(GetVersionRequest request, StreamObserver<Version> responses) {
        Answers.answer(responses, () -> get(request.getName()));
    }

    @Override
    public void listVersions(
            ListVersionsRequest request, StreamObserver<ListVersionsResponse> responses) {
        Answers.answer(responses, () -> list(request));
    }

    @Override
    public void diffVersions(
            DiffVersionsRequest request, StreamObserver<DiffVersionsResponse> responses) {
        Answers.answer(responses, () -> diff(request));
    }

    private Version get(String name) {
        MetadataStore.Entry entry = store.get(keys.version(numberOf("name", name)));
        if (entry == null) {
            throw AdminErrors.notFound(TYPE, name);
        }
        return encode(record(entry), reader.target());
    }

    private ListVersionsResponse list(ListVersionsRequest request) {
        // The keys of versions have as many digits each, so their order is that of the numbers.
        NavigableMap<String, MetadataStore.Entry> all = new TreeMap<>();
        store.list(keys.versions()).entries().forEach(entry -> all.put(newestFirst(entry), entry));
        long target = reader.target();
        Pages.Page<MetadataStore.Entry> page =
                Pages.of(all, request.getPageSize(), request.getPageToken());
        ListVersionsResponse.Builder response =
                ListVersionsResponse.newBuilder().setNextPageToken(page.nextToken());
        page.items().forEach(entry -> response.addVersions(encode(record(entry), target)));
        return response.build();
    }

    private static String newestFirst(MetadataStore.Entry entry) {
        return String.format(
                java.util.Locale.ROOT, "%019d", Long.MAX_VALUE - record(entry).getVersion());
    }

    private DiffVersionsResponse diff(DiffVersionsRequest request) {
        @Nullable Snapshot from =
                request.getFrom().isEmpty() ? null : snapshot("from", request.getFrom());
        String wanted = request.getTo().isEmpty() ? PREFIX + reader.target() : request.getTo();
        Snapshot to = snapshot("to", wanted);
        Map<String, ApiEntry> before = new HashMap<>();
        SnapshotDiff diff = reader.diff(from, to, before::put);
        DiffVersionsResponse.Builder response =
                DiffVersionsResponse.newBuilder()
                        .setFrom(request.getFrom())
                        .setTo(PREFIX + to.version());
        NavigableMap<String, ApiChange> changes = new TreeMap<>();
        diff.put().forEach(entry -> changes.put(entry.api(), put(entry, before.get(entry.api()))));
        diff.removed().forEach(api -> changes.put(api, change(api, ApiChange.Kind.REMOVED, true)));
        return response.addAllChanges(changes.values()).build();
    }

    private static ApiChange put(ApiEntry entry, @Nullable ApiEntry before) {
        if (before == null) {
            return change(entry.api(), ApiChange.Kind.ADDED, !entry.artifacts().isEmpty());
        }
        List<?> code = before.artifacts();
        return change(entry.api(), ApiChange.Kind.CHANGED, !entry.artifacts().equals(code));
    }

    private static ApiChange change(String api, ApiChange.Kind kind, boolean codeChanged) {
        return ApiChange.newBuilder()
                .setApi("apis/" + api)
                .setKind(kind)
                .setCodeChanged(codeChanged)
                .build();
    }

    private Snapshot snapshot(String field, String name) {
        Snapshot snapshot = reader.version(numberOf(field, name));
        if (snapshot == null) {
            throw AdminErrors.notFound(TYPE, name);
        }
        return snapshot;
    }

    private static long numberOf(String field, String name) {
        String id = Answers.idOf(field, name, PREFIX);
        try {
            long number = Long.parseLong(id);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException _) {
            // Told below.
        }
        throw AdminErrors.badField(field, "\"" + name + "\" (expected: versions/NUMBER)");
    }

    private static VersionRecord record(MetadataStore.Entry entry) {
        try {
            return VersionRecord.parseFrom(entry.value());
        } catch (InvalidProtocolBufferException e) {
            throw new StoreException("a version record is damaged key=" + entry.key(), e);
        }
    }

    private static Version encode(VersionRecord record, long target) {
        return Version.newBuilder()
                .setName(PREFIX + record.getVersion())
                .setVersion(record.getVersion())
                .setRoot(io.mimicore.ir.Digest.ofBytes(record.getRoot().toByteArray()).hex())
                .setParent(record.getParent())
                .setPublishTime(timestamp(record.getCreatedEpochMillis()))
                .setAuthor(record.getAuthor())
                .setMessage(record.getMessage())
                .setApis(record.getLimits().getApis())
                .setRoutes(record.getLimits().getRoutes())
                .setIrBytes(record.getLimits().getIrBytes())
                .setTarget(record.getVersion() == target)
                .build();
    }

    private static Timestamp timestamp(long epochMillis) {
        Instant time = Instant.ofEpochMilli(epochMillis);
        return Timestamp.newBuilder()
                .setSeconds(time.getEpochSecond())
                .setNanos(time.getNano())
                .build();
    }
}
