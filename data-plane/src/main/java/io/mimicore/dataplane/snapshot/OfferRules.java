package io.mimicore.dataplane.snapshot;

import static java.util.Objects.requireNonNull;

import io.mimicore.signing.Trust;

/// What an offer must keep to.
///
/// @param trusted whose signature counts
record OfferRules(Trust trusted, SnapshotLimits limits) {
    OfferRules {
        requireNonNull(trusted, "trusted");
        requireNonNull(limits, "limits");
    }
}
