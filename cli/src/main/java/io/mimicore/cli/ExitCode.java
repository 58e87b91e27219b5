package io.mimicore.cli;

/// Exit codes that scripts rely on.
final class ExitCode {
    /// It was done.
    static final int DONE = 0;

    /// It was refused: a wrong config, a port or directory in use.
    static final int REFUSED = 1;

    /// The command line is wrong.
    static final int USAGE = 2;

    /// The control plane cannot be reached.
    static final int UNREACHABLE = 3;

    private ExitCode() {}
}
