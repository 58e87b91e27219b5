package io.mimicore.dataplane.link;

import io.mimicore.dataplane.http.StaticAnswer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An answer that is the same for every request of one snapshot.
///
/// Snapshots share it, yet its encoded form may carry a snapshot's version; so that form is made
/// when it is first asked for, and again when the version changes. Thread-safe: two threads may
/// both make it, and either result is right.
public final class StaticPage {
    private final int status;
    private final List<String> headers;
    private final byte[] body;
    private final boolean ownCors;
    private @Nullable Stamped stamped;

    /// @param headers names and values in turn, with those that CORS adds to every answer
    /// @param ownCors whether the author's headers stand in for those of CORS
    StaticPage(int status, List<String> headers, byte[] body, boolean ownCors) {
        this.status = status;
        this.headers = headers;
        this.body = body;
        this.ownCors = ownCors;
    }

    /// Whether the author answers for CORS.
    public boolean hasOwnCors() {
        return ownCors;
    }

    /// The answer with a version.
    ///
    /// @param version the snapshot's [PreparedSnapshot#versionText()] for a header to carry;
    ///   `null`: without that header
    public StaticAnswer answer(@Nullable String version) {
        Stamped known = stamped;
        if (known != null && known.isFor(version)) {
            return known.answer;
        }
        var made = new Stamped(version, encode(version));
        stamped = made;
        return made.answer;
    }

    private StaticAnswer encode(@Nullable String version) {
        List<String> all = new ArrayList<>(headers.size() + 2);
        if (version != null) {
            all.add(VersionHeader.NAME);
            all.add(version);
        }
        all.addAll(headers);
        return new StaticAnswer(status, all, body);
    }

    private record Stamped(@Nullable String version, StaticAnswer answer) {
        @SuppressWarnings("ReferenceEquality") // a snapshot's text is one object; texts may be long
        boolean isFor(@Nullable String other) {
            return version == other;
        }
    }
}
