package io.mimicore.cli;

import io.mimicore.dataplane.node.StopPolicy;
import java.math.BigDecimal;
import java.time.Duration;
import picocli.CommandLine.Option;

/// How a role that serves traffic takes its leave.
final class StopOptions {
    private static final int MILLIS_DIGITS = 3;

    @Option(
            names = "--stop-grace",
            paramLabel = "SECONDS",
            defaultValue = "${env:MIMICORE_STOP_GRACE:-0.5}",
            description = {
                "How long traffic is still taken after /readyz says 503, so that load balancers"
                        + " look",
                "away first (environment: MIMICORE_STOP_GRACE; default: 0.5)."
            })
    private BigDecimal grace;

    @Option(
            names = "--stop-patience",
            paramLabel = "SECONDS",
            defaultValue = "${env:MIMICORE_STOP_PATIENCE:-10}",
            description = {
                "How long running requests, streams and upgraded connections may take after that",
                "before they are cut (environment: MIMICORE_STOP_PATIENCE; default: 10)."
            })
    private BigDecimal patience;

    StopPolicy policy() {
        try {
            return new StopPolicy(duration(grace), duration(patience));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--stop-grace, --stop-patience: " + e.getMessage(), e);
        }
    }

    private static Duration duration(BigDecimal seconds) {
        return Duration.ofMillis(seconds.movePointRight(MILLIS_DIGITS).longValueExact());
    }
}
