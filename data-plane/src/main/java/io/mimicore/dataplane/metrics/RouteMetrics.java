package io.mimicore.dataplane.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// Counts and times the answers of one route. Thread-safe; allocates only when a method, status or
/// the route itself is seen for the first time.
public final class RouteMetrics {
    /// Upper bounds of the buckets, in nanoseconds: 100 µs to 10 s.
    private static final long[] BOUNDS_NANOS = {
        100_000L,
        250_000L,
        500_000L,
        1_000_000L,
        2_500_000L,
        5_000_000L,
        10_000_000L,
        25_000_000L,
        50_000_000L,
        100_000_000L,
        250_000_000L,
        500_000_000L,
        1_000_000_000L,
        2_500_000_000L,
        5_000_000_000L,
        10_000_000_000L,
    };

    /// Methods that are a label of their own; anything else a client may make up is `other`.
    private static final List<String> METHODS =
            List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE");

    private static final String OTHER = "other";

    private final String api;
    private final String route;
    private final AtomicReference<Cell[]> cells = new AtomicReference<>(new Cell[0]);
    private final AtomicReference<@Nullable Durations> durations = new AtomicReference<>();

    /// @param api the API's name; empty for requests that match none
    /// @param route the pattern as written; empty for requests that match none
    public RouteMetrics(String api, String route) {
        this.api = api;
        this.route = route;
    }

    /// The `api` label.
    public String api() {
        return api;
    }

    /// The `route` label.
    public String route() {
        return route;
    }

    /// Counts one answer.
    ///
    /// @param nanos from the complete head to the answer
    public void count(String method, int status, long nanos) {
        cell(method, status).count.increment();
        durations().record(nanos);
    }

    List<Cell> cells() {
        return Arrays.asList(cells.get());
    }

    @Nullable Durations recordedDurations() {
        return durations.get();
    }

    static double[] boundsSeconds() {
        double[] bounds = new double[BOUNDS_NANOS.length + 1];
        for (int i = 0; i < BOUNDS_NANOS.length; i++) {
            bounds[i] = BOUNDS_NANOS[i] / 1e9;
        }
        bounds[BOUNDS_NANOS.length] = Double.POSITIVE_INFINITY;
        return bounds;
    }

    private Cell cell(String method, int status) {
        Cell[] known = cells.get();
        for (Cell cell : known) {
            if (cell.status == status && cell.method.equals(method)) {
                return cell;
            }
        }
        return newCell(METHODS.contains(method) ? method : OTHER, status);
    }

    private Cell newCell(String method, int status) {
        while (true) {
            Cell[] known = cells.get();
            for (Cell cell : known) {
                if (cell.status == status && cell.method.equals(method)) {
                    return cell;
                }
            }
            Cell[] more = Arrays.copyOf(known, known.length + 1);
            Cell added = new Cell(method, status, new LongAdder());
            more[known.length] = added;
            if (cells.compareAndSet(known, more)) {
                return added;
            }
        }
    }

    private Durations durations() {
        Durations known = durations.get();
        if (known != null) {
            return known;
        }
        Durations made = new Durations();
        return durations.compareAndSet(null, made) ? made : durations();
    }

    record Cell(String method, int status, LongAdder count) {}

    /// A histogram. Its parts are read one after the other, so a scrape may see a request in one
    /// part and not yet in another.
    static final class Durations {
        private final LongAdder[] buckets = new LongAdder[BOUNDS_NANOS.length + 1];
        private final LongAdder sumNanos = new LongAdder();

        Durations() {
            Arrays.setAll(buckets, _ -> new LongAdder());
        }

        void record(long nanos) {
            int bucket = 0;
            while (bucket < BOUNDS_NANOS.length && nanos > BOUNDS_NANOS[bucket]) {
                bucket++;
            }
            buckets[bucket].increment();
            sumNanos.add(nanos);
        }

        long[] counts() {
            return Arrays.stream(buckets).mapToLong(LongAdder::sum).toArray();
        }

        double sumSeconds() {
            return sumNanos.sum() / 1e9;
        }
    }
}
