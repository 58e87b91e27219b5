package io.mimicore.controlplane.store.etcd;

import io.grpc.ManagedChannel;

/// Opens channels to members of an etcd cluster: with or without TLS, over whichever transport.
@FunctionalInterface
public interface EtcdChannels {
    /// Largest answer that is taken, in bytes. etcd splits watch answers at 2 MiB; a listing of
    /// larger values is asked for in smaller pages.
    int INBOUND_BYTES_MAX = 16 * 1024 * 1024;

    /// A channel that takes answers of [#INBOUND_BYTES_MAX] and notices a peer that does not answer
    /// within half a minute. It belongs to the caller, who shuts it down.
    ///
    /// @param endpoint `host:port`
    ManagedChannel open(String endpoint);
}
