package io.mimicore.snapshot;

import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/// Where and when a node opens its next stream: the control planes in turn, with full jitter, so
/// that nodes which lost the same one come back neither together nor all to the same other one.
///
/// Only a stream that held for a while ends the growth of the waits; the first message proves
/// nothing, as a control plane that is overloaded or restarts in a loop sends one too. Not
/// thread-safe.
public final class Reconnection {
    /// How long a stream must have been up to count as stable.
    public static final Duration STABLE = Duration.ofSeconds(60);

    /// The longest wait after the first failure of every control plane.
    public static final Duration FIRST_MAX = Duration.ofMillis(200);

    /// The longest wait after many.
    public static final Duration MAX = Duration.ofSeconds(10);

    /// The longest wait that a control plane can ask for.
    public static final Duration ASKED_MAX = Duration.ofMinutes(10);

    private static final int DOUBLINGS_MAX = 16;

    private final List<String> addresses;
    private final RandomGenerator random;
    private int target;
    private int failures;

    /// Begins at any of the control planes.
    ///
    /// @param addresses of control planes, `host:port` as they name each other, at least one;
    ///   empty: nobody can send a node there by name
    public Reconnection(List<String> addresses, RandomGenerator random) {
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("addresses: 0 (expected: at least one)");
        }
        this.addresses = List.copyOf(addresses);
        this.random = random;
        this.target = addresses.size() == 1 ? 0 : random.nextInt(addresses.size());
    }

    /// Which control plane is the next, as its place in the list.
    public int target() {
        return target;
    }

    /// The stream could not be had, or has ended without having been told to: the next control
    /// plane is tried.
    ///
    /// @param upNanos how long it was up; 0: it never was
    /// @param askedNanos what the control plane asked for (`google.rpc.RetryInfo`); 0: nothing
    /// @return nanoseconds to wait
    public long failed(long upNanos, long askedNanos) {
        if (upNanos >= STABLE.toNanos()) {
            failures = 0;
        }
        int rounds = failures / addresses.size();
        long max = Math.min(MAX.toNanos(), FIRST_MAX.toNanos() << Math.min(rounds, DOUBLINGS_MAX));
        failures++;
        next();
        return atMost(askedNanos) + random.nextLong(max + 1);
    }

    /// The control plane has told the node to come back, at a time of the node's own.
    ///
    /// @param peer the control plane to go to; one that is not in the list, or empty: the next
    /// @param askedNanos when; a negative one is taken for the longest
    /// @return nanoseconds to wait
    public long told(String peer, long askedNanos) {
        int named = peer.isEmpty() ? -1 : addresses.indexOf(peer);
        if (named < 0) {
            next();
        } else {
            target = named;
        }
        return askedNanos < 0 ? ASKED_MAX.toNanos() : atMost(askedNanos);
    }

    private void next() {
        target = (target + 1) % addresses.size();
    }

    private static long atMost(long askedNanos) {
        return Math.clamp(askedNanos, 0, ASKED_MAX.toNanos());
    }
}
