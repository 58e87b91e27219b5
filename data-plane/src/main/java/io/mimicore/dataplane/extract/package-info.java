/// Reads requests: path parameters, query, headers, cookies, bodies, and variables taken from them.
///
/// Start with [RequestReader]; [VariableExtraction] is one `transform.extract` entry.
@NullMarked
package io.mimicore.dataplane.extract;

import org.jspecify.annotations.NullMarked;
