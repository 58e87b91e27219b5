/// The contracts of both stores against servers in containers, started by Testcontainers. Built and
/// run by `mvn -Pcontainers -pl testing/containers -am verify`, with `DOCKER_HOST` naming the
/// socket of the engine (of Podman: `podman system service --time=0 unix://SOCKET`, and
/// `TESTCONTAINERS_RYUK_DISABLED=true`).
///
/// Nothing is pulled: the images hold nothing but the servers that `./dev parts` has built. Where
/// there is no engine the same tests run against those servers as plain processes.
@NullMarked
package io.mimicore.containers;

import org.jspecify.annotations.NullMarked;
