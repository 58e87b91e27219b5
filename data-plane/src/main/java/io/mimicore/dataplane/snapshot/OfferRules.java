package io.mimicore.dataplane.snapshot;

import static java.util.Objects.requireNonNull;

import io.mimicore.signing.TrustedKey;

/// What an offer must keep to.
///
/// @param trusted whose signature counts
record OfferRules(TrustedKey trusted, SnapshotLimits limits) {
    OfferRules {
        requireNonNull(trusted, "trusted");
        requireNonNull(limits, "limits");
    }
}
