package io.mimicore.controlplane.store.etcd;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// The members of a cluster, of which one is used until it fails, then the next.
///
/// Every call says that it needs a leader: a member that is cut off from the others refuses it at
/// once instead of keeping it. Thread-safe.
final class EtcdMembers implements AutoCloseable {
    private static final Metadata.Key<String> REQUIRE_LEADER =
            Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

    private final List<EtcdMember> members;
    private final AtomicInteger preferred;

    private EtcdMembers(List<EtcdMember> members, int first) {
        this.members = List.copyOf(members);
        this.preferred = new AtomicInteger(first);
    }

    /// One member's channels: streams have their own, because a large listing on the same
    /// connection would hold up the events behind it.
    record EtcdMember(
            String name, ManagedChannel callChannel, ManagedChannel streamChannel, int index) {
        Channel calls() {
            return ready(callChannel);
        }

        Channel streams() {
            return ready(streamChannel);
        }

        /// The channel, told to connect now if it waits: how long to wait is decided by the caller.
        private static Channel ready(ManagedChannel channel) {
            if (channel.getState(true) == ConnectivityState.TRANSIENT_FAILURE) {
                channel.resetConnectBackoff();
            }
            var headers = new Metadata();
            headers.put(REQUIRE_LEADER, "true");
            return ClientInterceptors.intercept(
                    channel, MetadataUtils.newAttachHeadersInterceptor(headers));
        }
    }

    /// Channels to these members; nothing is sent yet.
    ///
    /// @param first index of the one to begin with
    static EtcdMembers open(List<String> endpoints, EtcdChannels channels, int first) {
        List<EtcdMember> members = new ArrayList<>();
        for (String endpoint : endpoints) {
            members.add(
                    new EtcdMember(
                            endpoint,
                            channels.open(endpoint),
                            channels.open(endpoint),
                            members.size()));
        }
        return new EtcdMembers(members, first);
    }

    /// The one to use now.
    EtcdMember current() {
        return members.get(preferred.get());
    }

    /// This one has failed: another is the next, unless somebody has changed over already.
    void failed(EtcdMember member) {
        preferred.compareAndSet(member.index(), (member.index() + 1) % members.size());
    }

    /// How many there are.
    int size() {
        return members.size();
    }

    /// For people.
    String describe() {
        return String.join(",", members.stream().map(EtcdMember::name).toList());
    }

    @Override
    public void close() {
        for (EtcdMember member : members) {
            member.callChannel().shutdownNow();
            member.streamChannel().shutdownNow();
        }
    }
}
