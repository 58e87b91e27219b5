package io.mimicore.dataplane.limit;

import static java.util.Objects.requireNonNull;

import io.mimicore.ir.RateLimit;
import java.util.concurrent.atomic.AtomicLong;

/// Decides whether one more request may pass, by the token bucket algorithm.
///
/// Tokens refill continuously at the limit's rate up to its burst; a new bucket is full. Never
/// blocks and never allocates. Thread-safe, without locks.
///
/// The state is one number, as in the generic cell rate algorithm (ITU-T I.371 Annex A): the moment
/// at which the bucket will be full again. With one token worth `interval` nanoseconds, taking one
/// moves that moment by `interval`, and a token is there as long as the moment stays within `burst`
/// intervals from now.
public final class TokenBucket {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /// Longest time to fill an empty bucket, in nanoseconds: about 36 years. A slower limit acts as
    /// one with a smaller burst, and sums of two such times still fit a long.
    private static final long FILL_NANOS_MAX = 1L << 60;

    private final RateLimit limit;
    private final Ticker ticker;
    private final long intervalNanos;
    private final long fillNanos;
    private final long originNanos;

    /// When the bucket is full again, in nanoseconds since `originNanos`.
    private final AtomicLong fullAtNanos;

    /// @param limit how fast tokens come back and how many there can be
    /// @param ticker the clock
    public TokenBucket(RateLimit limit, Ticker ticker) {
        this(limit, ticker, ticker.nanos(), 0);
    }

    private TokenBucket(RateLimit limit, Ticker ticker, long originNanos, long fullAtNanos) {
        this.limit = requireNonNull(limit, "limit");
        this.ticker = requireNonNull(ticker, "ticker");
        this.originNanos = originNanos;
        this.intervalNanos = intervalNanos(limit);
        this.fillNanos = fillNanos(limit);
        this.fullAtNanos = new AtomicLong(fullAtNanos);
    }

    /// The limit it keeps.
    public RateLimit limit() {
        return limit;
    }

    /// Takes one token if there is one.
    ///
    /// @return nanoseconds until there will be one, or 0 when it was taken
    /// @see <a href="https://www.rfc-editor.org/rfc/rfc6585#section-4">RFC 6585 §4, the 429
    ///   response this feeds</a>
    public long tryAcquire() {
        long now = now();
        while (true) {
            long fullAt = fullAtNanos.get();
            long next = Math.max(fullAt, now) + intervalNanos;
            long wait = next - now - fillNanos;
            if (wait > 0) {
                return wait;
            }
            if (fullAtNanos.compareAndSet(fullAt, next)) {
                return 0;
            }
        }
    }

    /// Whole tokens in the bucket now, 0..burst.
    public int tokens() {
        long missing = Math.max(0, fullAtNanos.get() - now());
        return (int) Math.min(limit.burst(), Math.max(0, fillNanos - missing) / intervalNanos);
    }

    /// A bucket of another limit that starts with the whole tokens of this one, as far as they fit.
    public TokenBucket withLimit(RateLimit other) {
        long now = now();
        long kept = Math.min(tokens(), other.burst());
        long missing = Math.max(0, fillNanos(other) - kept * intervalNanos(other));
        return new TokenBucket(other, ticker, originNanos, now + missing);
    }

    private long now() {
        return ticker.nanos() - originNanos;
    }

    private static long intervalNanos(RateLimit limit) {
        double interval = NANOS_PER_SECOND / limit.requestsPerSecond();
        return Math.clamp(Math.round(interval), 1, FILL_NANOS_MAX);
    }

    private static long fillNanos(RateLimit limit) {
        long interval = intervalNanos(limit);
        return limit.burst() > FILL_NANOS_MAX / interval
                ? FILL_NANOS_MAX
                : interval * limit.burst();
    }
}
