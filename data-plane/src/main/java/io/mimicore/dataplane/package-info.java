/// The node: executes IR. Depends on no other role at request time.
@NullMarked
package io.mimicore.dataplane;

import org.jspecify.annotations.NullMarked;
