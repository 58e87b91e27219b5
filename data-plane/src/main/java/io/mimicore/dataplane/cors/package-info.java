/// The CORS protocol (Fetch standard §3.2). Start with [CorsPolicy].
@NullMarked
package io.mimicore.dataplane.cors;

import org.jspecify.annotations.NullMarked;
