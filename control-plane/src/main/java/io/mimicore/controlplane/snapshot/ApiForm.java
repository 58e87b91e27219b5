package io.mimicore.controlplane.snapshot;

import static java.util.Objects.requireNonNull;

import io.mimicore.controlplane.source.SourceId;
import io.mimicore.ir.Digest;
import io.mimicore.snapshot.ApiEntry;
import org.jspecify.annotations.Nullable;

/// An API as it shall be live: what nodes get, and what it was made from.
///
/// @param entry its IR and artifacts
/// @param compiler version of the compiler that made the IR
/// @param routes number of its routes
/// @param irBytes size of its IR
/// @param warned whether the compiler had warnings
public record ApiForm(
        ApiEntry entry, Origin origin, String compiler, int routes, long irBytes, boolean warned) {
    private static final int ETAG_LENGTH = 16;

    public ApiForm {
        requireNonNull(entry, "entry");
        requireNonNull(origin, "origin");
        requireNonNull(compiler, "compiler");
    }

    /// The API's name.
    public String api() {
        return entry.api();
    }

    /// Changes with every change of the author's bytes or of what they became.
    public String etag() {
        Digest both = Digest.of(origin.source().bytes(), entry.ir().bytes());
        return both.hex().substring(0, ETAG_LENGTH);
    }

    /// What an API was made from.
    ///
    /// @param owner who brings it
    /// @param fileName the file's name as diagnostics print it
    /// @param source digest of the author's bytes
    /// @param code digest of the file that the author's file names as its code; absent: it names
    ///   none
    public record Origin(SourceId owner, String fileName, Digest source, @Nullable Digest code) {
        public Origin {
            requireNonNull(owner, "owner");
            requireNonNull(fileName, "fileName");
            requireNonNull(source, "source");
        }
    }
}
