/// The admin API (`mimicore.admin.v1`), for people and scripts.
///
/// Start with [io.mimicore.controlplane.admin.ConfigServiceEndpoint].
@NullMarked
package io.mimicore.controlplane.admin;

import org.jspecify.annotations.NullMarked;
