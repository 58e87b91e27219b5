/// The two stores that the control plane and the workers share, as interfaces.
///
/// [MetadataStore] keeps small records with revisions, transactions, watches and leases;
/// [ArtifactStore] keeps large immutable content by digest. [StoreKeys] is the layout. Every
/// adapter passes the contract tests in the testkit.
@NullMarked
package io.mimicore.store;

import org.jspecify.annotations.NullMarked;
