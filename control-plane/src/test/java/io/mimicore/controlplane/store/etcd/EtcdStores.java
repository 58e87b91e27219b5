package io.mimicore.controlplane.store.etcd;

import com.google.protobuf.ByteString;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.mimicore.proto.etcd.v3.AlarmMember;
import io.mimicore.proto.etcd.v3.AlarmRequest;
import io.mimicore.proto.etcd.v3.CompactionRequest;
import io.mimicore.proto.etcd.v3.DefragmentRequest;
import io.mimicore.proto.etcd.v3.DeleteRangeRequest;
import io.mimicore.proto.etcd.v3.KVGrpc;
import io.mimicore.proto.etcd.v3.MaintenanceGrpc;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Stores over plain connections, and what an operator does to an etcd.
public final class EtcdStores {
    /// Short enough for tests to wait out, long enough for a loaded machine to answer.
    static final EtcdTiming QUICK =
            new EtcdTiming(Duration.ofSeconds(5), Duration.ofMillis(300), Duration.ofSeconds(1));

    private EtcdStores() {}

    public static EtcdMetadataStore.Builder builder(String... endpoints) {
        return EtcdMetadataStore.builder(List.of(endpoints), EtcdStores::channel).timing(QUICK);
    }

    public static ManagedChannel channel(String endpoint) {
        return Grpc.newChannelBuilder(endpoint, InsecureChannelCredentials.create())
                .maxInboundMessageSize(EtcdChannels.INBOUND_BYTES_MAX)
                .build();
    }

    /// Deletes everything.
    static void clear(ManagedChannel channel) {
        ByteString all = ByteString.copyFrom(new byte[1]);
        var _ =
                kv(channel)
                        .deleteRange(
                                DeleteRangeRequest.newBuilder()
                                        .setKey(all)
                                        .setRangeEnd(all)
                                        .build());
    }

    /// Forgets what came before a revision.
    public static void compact(ManagedChannel channel, long revision) {
        var _ =
                kv(channel)
                        .compact(
                                CompactionRequest.newBuilder()
                                        .setRevision(revision)
                                        .setPhysical(true)
                                        .build());
    }

    /// Makes room in the file, and lets a full etcd take writes again.
    public static void defragmentAndDisarm(ManagedChannel channel) {
        var maintenance =
                MaintenanceGrpc.newBlockingStub(channel)
                        .withWaitForReady()
                        .withDeadlineAfter(30, TimeUnit.SECONDS);
        var _ = maintenance.defragment(DefragmentRequest.getDefaultInstance());
        var listed = maintenance.alarm(AlarmRequest.getDefaultInstance());
        for (AlarmMember alarmed : listed.getAlarmsList()) {
            var _ =
                    maintenance.alarm(
                            AlarmRequest.newBuilder()
                                    .setAction(AlarmRequest.AlarmAction.DEACTIVATE)
                                    .setMemberID(alarmed.getMemberID())
                                    .setAlarm(alarmed.getAlarm())
                                    .build());
        }
    }

    private static KVGrpc.KVBlockingStub kv(ManagedChannel channel) {
        return KVGrpc.newBlockingStub(channel)
                .withWaitForReady()
                .withDeadlineAfter(30, TimeUnit.SECONDS);
    }
}
