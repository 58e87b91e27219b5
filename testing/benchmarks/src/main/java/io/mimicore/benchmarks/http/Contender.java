package io.mimicore.benchmarks.http;

import java.net.URI;

/// A running server and what is asked of it.
///
/// @param name as the report shows it
/// @param process the server; its children count as it
/// @param target what is asked for
/// @param host the header `Host` to send
record Contender(String name, ProcessHandle process, URI target, String host) {}
