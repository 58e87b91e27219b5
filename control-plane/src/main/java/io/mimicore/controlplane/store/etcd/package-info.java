/// The metadata store of a fleet: an etcd cluster, version 3.6 or newer.
///
/// Start with [EtcdMetadataStore]. Single calls go through [EtcdCalls], which tries the members in
/// turn; watches ([EtcdWatch]) and leases ([EtcdLease]) own their streams and survive whatever
/// becomes of them. [SeenHistory] notices a cluster that was restored from a backup. Used by
/// whoever composes roles; everyone else sees [io.mimicore.store.MetadataStore] only.
@NullMarked
package io.mimicore.controlplane.store.etcd;

import org.jspecify.annotations.NullMarked;
