package io.mimicore.cli;

/// How a command prints its answer; the names are those of `-o`.
enum OutputFormat {
    /// For people.
    human,
    /// For programs: one JSON document.
    json
}
