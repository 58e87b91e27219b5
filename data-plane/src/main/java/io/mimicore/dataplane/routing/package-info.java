/// Finds the API for a host and the route for a method and a path.
///
/// Start with [HostTable] and [RouteTrie]. Neither slows down with the number of APIs or routes,
/// and neither allocates on the way to a route without parameters.
@NullMarked
package io.mimicore.dataplane.routing;

import org.jspecify.annotations.NullMarked;
