package io.mimicore.controlplane.store.etcd;

import static java.util.Objects.requireNonNull;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// Tells operators how the store is: in the log when that changes, in metrics all the time.
///
/// An outage is told when it begins, then in ever longer intervals, and when it ends. Thread-safe.
final class EtcdReports {
    private static final Logger log = LoggerFactory.getLogger(EtcdReports.class);
    private static final long REPEAT_NANOS_MIN = Duration.ofSeconds(2).toNanos();
    private static final long REPEAT_NANOS_MAX = Duration.ofMinutes(5).toNanos();

    /// Why a watch was set up anew.
    enum WatchBreak {
        /// The stream ended or could not be opened: goes on where it was.
        DISCONNECTED,
        /// The server gave no sign of life: goes on where it was.
        SILENT,
        /// Revisions that were missed are compacted: listed anew.
        COMPACTED,
        /// The server cancelled it: listed anew.
        CANCELLED,
        /// More had piled up than is taken at once: listed anew.
        OVERSIZED,
        /// The cluster's history was replaced: listed anew.
        RESTORED,
        /// The listener failed: listed anew.
        LISTENER;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final LongSupplier nanoTime;
    private final Map<WatchBreak, Counter> watchBreaks = new EnumMap<>(WatchBreak.class);
    private final Counter leasesLost;
    private boolean failing;
    private long failingSince;
    private long repeatAt;
    private long repeatNanos;
    private boolean full;

    EtcdReports(MeterRegistry registry, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        for (WatchBreak why : WatchBreak.values()) {
            watchBreaks.put(
                    why,
                    Counter.builder("mimicore_store_watch_breaks_total")
                            .tag("cause", why.label())
                            .description("Watches of etcd that were set up anew")
                            .register(registry));
        }
        leasesLost =
                Counter.builder("mimicore_store_leases_lost_total")
                        .description("Leases that could not be kept alive")
                        .register(registry);
        Gauge.builder("mimicore_store_unreachable_seconds", this, EtcdReports::unreachableSeconds)
                .description("For how long no call to etcd has succeeded; 0: the last one did")
                .register(registry);
        Gauge.builder("mimicore_store_full", this, reports -> reports.isFull() ? 1 : 0)
                .description("1 while etcd refuses writes because its quota is used up")
                .register(registry);
    }

    /// A call has succeeded.
    void answered() {
        long lasted;
        synchronized (this) {
            if (!failing) {
                return;
            }
            failing = false;
            lasted = nanoTime.getAsLong() - failingSince;
        }
        log.info("etcd answers again, after {} ms", Duration.ofNanos(lasted).toMillis());
    }

    /// No member has answered a call.
    void unreachable(String why) {
        long now = nanoTime.getAsLong();
        long lasted;
        synchronized (this) {
            if (!failing) {
                failing = true;
                failingSince = now;
                repeatNanos = REPEAT_NANOS_MIN;
            } else if (now - repeatAt < 0) {
                return;
            } else {
                repeatNanos = Math.min(repeatNanos * 2, REPEAT_NANOS_MAX);
            }
            repeatAt = now + repeatNanos;
            lasted = now - failingSince;
        }
        log.warn(
                "etcd does not answer, since {} ms; what is published is served on cause={}",
                Duration.ofNanos(lasted).toMillis(),
                why);
    }

    /// A write was refused for want of room.
    void full(String why) {
        synchronized (this) {
            if (full) {
                return;
            }
            full = true;
        }
        log.error(
                "etcd is full: nothing can be published until it is compacted, defragmented and its"
                        + " alarm disarmed; what is published is served on cause={}",
                why);
    }

    /// A write has succeeded.
    void written() {
        synchronized (this) {
            if (!full) {
                return;
            }
            full = false;
        }
        log.info("etcd takes writes again");
    }

    /// The cluster's history was replaced.
    void restored(String how) {
        log.error(
                "etcd has another history: a backup was restored, or another cluster answers;"
                        + " everything is read anew: {}",
                how);
    }

    /// A watch is set up anew.
    ///
    /// @param again whether it broke for the same cause the last time, and brought nothing since:
    ///   an outage is one line for each watch, not one for each try
    void watchBroken(WatchBreak why, String prefix, String details, boolean again) {
        requireNonNull(watchBreaks.get(why)).increment();
        Level level = again ? Level.DEBUG : Level.INFO;
        log.atLevel(level)
                .log("watch of {} is set up anew cause={} {}", prefix, why.label(), details);
    }

    /// A listener has thrown.
    void listenerFailed(String prefix, RuntimeException e) {
        log.error(
                "the listener of a watch failed and is told everything anew prefix={}", prefix, e);
    }

    /// A lease is lost.
    void leaseLost(long id, String why) {
        leasesLost.increment();
        log.warn("lease {} is lost: {}", Long.toHexString(id), why);
    }

    synchronized boolean isFull() {
        return full;
    }

    private synchronized double unreachableSeconds() {
        return failing ? (nanoTime.getAsLong() - failingSince) / 1e9 : 0;
    }
}
