/// Checks requests against the rules of their route. Start with [RequestValidator].
@NullMarked
package io.mimicore.dataplane.validation;

import org.jspecify.annotations.NullMarked;
