/// Builds without a fleet, for `mimicore validate`.
@NullMarked
package io.mimicore.compiler.local;

import org.jspecify.annotations.NullMarked;
