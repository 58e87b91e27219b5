/// Errors as clients see them (RFC 9457). Start with [Problem]; `docs/problems.md` lists them.
@NullMarked
package io.mimicore.dataplane.problem;

import org.jspecify.annotations.NullMarked;
