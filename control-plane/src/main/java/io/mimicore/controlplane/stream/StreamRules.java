package io.mimicore.controlplane.stream;

import static java.util.Objects.requireNonNull;

/// What streams go by.
///
/// @param cluster nodes of another one are refused
/// @param policy which node is to run what
public record StreamRules(String cluster, RolloutPolicy policy, StreamLimits limits) {
    public StreamRules {
        requireNonNull(cluster, "cluster");
        requireNonNull(policy, "policy");
        requireNonNull(limits, "limits");
    }
}
