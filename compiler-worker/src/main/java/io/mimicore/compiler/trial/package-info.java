/// Starts a built module once, so that one which cannot start is refused here and not on a node.
///
/// Start with [StartTrial].
@NullMarked
package io.mimicore.compiler.trial;

import org.jspecify.annotations.NullMarked;
