/// Builds of user code as the control plane asks for them and workers do them, through the store.
///
/// Start with [BuildRequest] and [BuildOutcome].
@NullMarked
package io.mimicore.build;

import org.jspecify.annotations.NullMarked;
