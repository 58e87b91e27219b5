/// The cluster's key: Ed25519 signatures (RFC 8032) over snapshots and artifacts.
@NullMarked
package io.mimicore.signing;

import org.jspecify.annotations.NullMarked;
