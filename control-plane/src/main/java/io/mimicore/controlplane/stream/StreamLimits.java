package io.mimicore.controlplane.stream;

import java.time.Duration;

/// Limits of streams. Each is checked by whoever is named; all durations are at least 1 s.
///
/// @param bytesInFlightMax bytes of offers in the buffers of all streams together
/// @param streamsPerSecond streams that may begin with a whole snapshot, per second; one that
///   resumes, being in sync or in need of a difference only, counts a twentieth
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

    /// The share of a full admission that a stream costs unless it needs a whole snapshot.
    static final double RESUME_COST = 0.05;

    /// Over how long nodes that are sent away are spread: as long as admitting all of them takes
    /// when they come back with what they have.
    long spreadMillis(int nodes) {
        return (long) (nodes * RESUME_COST * 1_000 / streamsPerSecond);
    }
}
