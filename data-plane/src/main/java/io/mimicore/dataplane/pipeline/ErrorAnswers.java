package io.mimicore.dataplane.pipeline;

import io.mimicore.dataplane.http.Answer;
import io.mimicore.dataplane.http.Exchange;
import io.mimicore.dataplane.limit.Ticker;
import io.mimicore.dataplane.link.LinkedApi;
import io.mimicore.dataplane.link.PreparedSnapshot;
import io.mimicore.dataplane.link.VersionHeader;
import io.mimicore.dataplane.problem.Problem;
import io.mimicore.dataplane.problem.ProblemCode;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers with problems, and tells the log about faults of the node. Thread-safe.
final class ErrorAnswers {
    private static final Logger LOG = LoggerFactory.getLogger(ErrorAnswers.class);
    private static final long LOG_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final PipelineSettings settings;
    private final Ticker ticker;

    /// When the next fault may be logged; a broken route would else write a stack trace per
    /// request.
    private final AtomicLong nextLogNanos;

    ErrorAnswers(PipelineSettings settings, Ticker ticker) {
        this.settings = settings;
        this.ticker = ticker;
        this.nextLogNanos = new AtomicLong(ticker.nanos());
    }

    /// The header fields that every answer of a snapshot carries.
    void addVersion(Answer answer, PreparedSnapshot snapshot) {
        if (settings.versionHeader()) {
            answer.header(VersionHeader.NAME, snapshot.versionText());
        }
    }

    /// The text of the version header, or `null` when it is switched off.
    @Nullable String versionOf(PreparedSnapshot snapshot) {
        return settings.versionHeader() ? snapshot.versionText() : null;
    }

    /// Answers with a problem.
    ///
    /// @param snapshot `null` before the first one
    /// @param api `null` when no API answers to the host
    void send(
            Exchange exchange,
            @Nullable PreparedSnapshot snapshot,
            @Nullable LinkedApi api,
            Problem problem) {
        Answer answer = exchange.answer(problem.code().status());
        if (snapshot != null) {
            addVersion(answer, snapshot);
        }
        if (api != null) {
            api.cors().addTo(answer, exchange);
        }
        answer.header("Content-Type", Problem.CONTENT_TYPE);
        List<String> headers = problem.headers();
        for (int i = 0; i < headers.size(); i += 2) {
            answer.header(headers.get(i), headers.get(i + 1));
        }
        answer.body().write(problem.toJson(exchange.requestId()));
        answer.send();
    }

    /// The problem of a fault of the node; logs the fault, at most once a second.
    Problem fault(Exchange exchange, Throwable fault) {
        long now = ticker.nanos();
        long next = nextLogNanos.get();
        if (now - next >= 0 && nextLogNanos.compareAndSet(next, now + LOG_INTERVAL_NANOS)) {
            LOG.error("request failed request_id={}", exchange.requestId(), fault);
        }
        return Problem.of(
                ProblemCode.INTERNAL,
                "The node failed; its log names request " + exchange.requestId());
    }
}
