package io.mimicore.dataplane.snapshot;

import io.mimicore.dataplane.limit.Ticker;
import java.util.function.LongConsumer;

/// What a [SnapshotInstaller] works with.
///
/// @param applied takes the nanoseconds of each preparation and activation together
record InstallerTools(
        NodeDisk disk, Preparer preparer, OfferRules rules, Ticker ticker, LongConsumer applied) {}
