/// The intermediate representation of an API: immutable values that check themselves.
///
/// Start with [ApiIr]. Nothing here imports anything but the JDK, so a node can execute the model
/// without knowing how it was read or stored.
@NullMarked
package io.mimicore.ir;

import org.jspecify.annotations.NullMarked;
