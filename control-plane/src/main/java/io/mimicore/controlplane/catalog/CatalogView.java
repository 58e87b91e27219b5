package io.mimicore.controlplane.catalog;

import static java.util.Objects.requireNonNull;

import io.mimicore.diagnostics.Diagnostic;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// The catalog at one moment, for whoever shows it.
///
/// @param apis every API that is live or declared by a file, by name
/// @param problems those that belong to no API
/// @param errors number of errors by source, 0 included
public record CatalogView(
        NavigableMap<String, Api> apis, List<Diagnostic> problems, Map<String, Integer> errors) {
    /// A catalog without anything in it.
    public static final CatalogView EMPTY = new CatalogView(new TreeMap<>(), List.of(), Map.of());

    public CatalogView {
        apis = Collections.unmodifiableNavigableMap(new TreeMap<>(apis));
        problems = List.copyOf(problems);
        errors = Map.copyOf(errors);
    }

    /// An API.
    ///
    /// @param source `dir:PATH` or `admin`
    /// @param fileName as diagnostics print it
    /// @param etag changes with every change of the live file; empty: nothing is live
    /// @param liveVersion the version in which its live form was published; 0: none is
    /// @param problems of the newest file
    public record Api(
            String name,
            String source,
            String fileName,
            String etag,
            long liveVersion,
            List<Diagnostic> problems) {
        public Api {
            requireNonNull(name, "name");
            requireNonNull(source, "source");
            requireNonNull(fileName, "fileName");
            requireNonNull(etag, "etag");
            problems = List.copyOf(problems);
        }
    }
}
