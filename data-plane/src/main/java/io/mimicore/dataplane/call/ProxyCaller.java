package io.mimicore.dataplane.call;

import io.mimicore.dataplane.http.Exchange;
import io.mimicore.dataplane.metrics.CallOutcome;
import io.mimicore.dataplane.trace.TraceContext;
import io.mimicore.ir.Serving;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Passes requests on to a server, and its responses back, as streams.
public interface ProxyCaller {
    /// Looks a target up when a snapshot is linked. Connections belong to the target: whoever asks
    /// for an equal one gets the same connections. Thread-safe.
    ///
    /// @throws IllegalArgumentException with what is wrong with the target
    Target target(Serving.ProxyTarget target);

    /// Passes a request on. On the exchange's event loop; the exchange is untouched, nobody else
    /// asks for its end, and nobody touches it before [Completion#failed].
    ///
    /// @param span goes out in the place of the client's own; absent: that goes through as it is
    void pass(
            Exchange exchange,
            Target target,
            AnswerFields fields,
            @Nullable TraceContext span,
            Completion completion);

    /// Header fields that an answer has besides the response's own.
    ///
    /// @param fields names and values in turn; they take the place of fields of these names, but
    ///   for `Vary`, which adds up
    /// @param ownCors whether the response's own `Access-Control-` fields are left out
    record AnswerFields(List<String> fields, boolean ownCors) {}

    /// Where requests go.
    interface Target {
        /// For messages: the socket's path or the URL.
        String name();

        /// Where its connections go.
        Authority authority();

        /// Whether the request's path is put behind another one.
        boolean hasBasePath();
    }

    /// Takes the outcome, on the exchange's event loop.
    interface Completion {
        /// There is no response, and nothing has been answered: the exchange is to be answered.
        void failed(CallFailure failure);

        /// The exchange is over; told last, and once.
        ///
        /// @param status as [Exchange.EndListener] has it; that of a response broken off by its
        ///   sender is 502 or 504
        void ended(int status, CallOutcome outcome);
    }
}
