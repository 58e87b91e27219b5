package io.mimicore.dataplane.link;

import io.mimicore.dataplane.extract.VariableExtraction;
import io.mimicore.dataplane.metrics.RouteMetrics;
import io.mimicore.dataplane.routing.PathParameters;
import io.mimicore.dataplane.validation.RequestValidator;
import io.mimicore.ir.Delay;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A route as requests run on it. Immutable.
public sealed interface LinkedRoute {
    /// Its counters.
    RouteMetrics metrics();

    /// Whether it takes every method that no other route of its path takes.
    boolean takesAnyMethod();

    /// A route whose answer does not depend on the request.
    record Static(RouteMetrics metrics, boolean takesAnyMethod, StaticPage page)
            implements LinkedRoute {}

    /// A route that has something to do for each request.
    ///
    /// @param demands what of the request it reads
    /// @param steps the calls on the way to the response
    /// @param slots number of values on that way
    record Dynamic(
            RouteMetrics metrics,
            boolean takesAnyMethod,
            Demands demands,
            RequestValidator validator,
            List<VariableExtraction> extractions,
            StepPlan steps,
            int slots,
            @Nullable Delay delay,
            ResponsePlan response)
            implements LinkedRoute {
        public Dynamic {
            extractions = List.copyOf(extractions);
        }
    }

    /// What of the request has to be read, and how.
    record Demands(PathParameters parameters, boolean body, boolean query) {}
}
