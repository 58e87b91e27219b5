package io.mimicore.ir;

/// A token bucket's shape.
///
/// @param requestsPerSecond tokens that come back each second, above 0
/// @param burst tokens the bucket holds, at least 1
public record RateLimit(double requestsPerSecond, int burst) {
    public RateLimit {
        if (!(requestsPerSecond > 0) || Double.isInfinite(requestsPerSecond)) {
            throw new IllegalArgumentException(
                    "requestsPerSecond: " + requestsPerSecond + " (expected: > 0)");
        }
        if (burst < 1) {
            throw new IllegalArgumentException("burst: " + burst + " (expected: >= 1)");
        }
    }
}
