package io.mimicore.config;

import java.util.Set;

/// A part of the format that a build may not serve although it reads and checks it.
enum Feature {
    /// `transform.http`.
    UPSTREAM_CALLS,
    /// `mode` `"proxy"`.
    PROXY;

    /// What this build serves.
    static final Set<Feature> SERVED = Set.of(UPSTREAM_CALLS, PROXY);
}
