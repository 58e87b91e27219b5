package io.mimicore.controlplane.stream;

import java.time.Duration;

/// Limits of streams. Each is checked by whoever is named; all durations are at least 1 s.
///
/// @param bytesInFlightMax bytes of offers in the buffers of all streams together
/// @param streamsPerSecond streams that may begin with an offer, per second; one that is in sync
///   already counts a twentieth
/// @param stalledLagging how long a node may not read before it is lagging
/// @param silentLagging how long a node may not answer before it is lagging
/// @param disconnected how long either may last before its stream is ended
/// @param helloWithin how soon after its stream began a node must say what it has
public record StreamLimits(
        long bytesInFlightMax,
        double streamsPerSecond,
        Duration stalledLagging,
        Duration silentLagging,
        Duration disconnected,
        Duration helloWithin) {
    /// Good for thousands of nodes. 128 MiB are some hundred nodes that each lag behind by a full
    /// buffer; the rate is Istio's for two to four processors.
    public static final StreamLimits DEFAULT =
            new StreamLimits(
                    128L * 1024 * 1024,
                    50,
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(120),
                    Duration.ofSeconds(10));

    /// The share of a full admission that a stream costs before it is known to need an offer.
    static final double IN_SYNC_COST = 0.05;
}
