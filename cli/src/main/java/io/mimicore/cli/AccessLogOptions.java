package io.mimicore.cli;

import io.mimicore.dataplane.accesslog.AccessLog;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Whether and where requests are logged.
final class AccessLogOptions {
    private static final String OFF = "off";
    private static final String STDOUT = "stdout";

    @Option(
            names = "--access-log",
            paramLabel = "off|stdout|FILE",
            defaultValue = "${env:MIMICORE_ACCESS_LOG:-off}",
            description = {
                "One line of JSON for each request, to standard output or to a file, which is"
                        + " opened",
                "anew at SIGHUP (environment: MIMICORE_ACCESS_LOG; default: off)."
            })
    private String where;

    @Option(
            names = "--access-log-sample",
            paramLabel = "RATE",
            defaultValue = "${env:MIMICORE_ACCESS_LOG_SAMPLE:-1}",
            description = {
                "The share of requests that is logged, 0..1; those answered with 5xx always are",
                "(environment: MIMICORE_ACCESS_LOG_SAMPLE; default: 1)."
            })
    private double sample;

    /// Starts the log; `null`: it is off.
    @Nullable AccessLog start() {
        if (where.equals(OFF)) {
            return null;
        }
        try {
            AccessLog log = AccessLog.start(target(), sample);
            if (!where.equals(STDOUT)) {
                StopSignals.onHangup(log::reopen);
            }
            return log;
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCode.USAGE, "--access-log-sample: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.REFUSED, "--access-log " + where + " cannot be opened: " + e, e);
        }
    }

    private AccessLog.Target target() {
        return where.equals(STDOUT)
                ? () -> new FileOutputStream(FileDescriptor.out)
                : AccessLog.Target.file(Path.of(where));
    }
}
