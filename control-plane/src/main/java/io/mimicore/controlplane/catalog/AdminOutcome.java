package io.mimicore.controlplane.catalog;

import static java.util.Objects.requireNonNull;

import io.mimicore.diagnostics.Diagnostic;
import java.util.List;

/// What became of a change that was asked of the admin API.
public sealed interface AdminOutcome {
    /// It is stored, or would be if the change was only to be checked.
    ///
    /// @param api as it is now; one that was deleted has no etag, and the source and file that have
    ///   it from now on, if any
    /// @param version the version that is live now; nodes that run it, or a later one, have the
    ///   change
    record Done(CatalogView.Api api, long version) implements AdminOutcome {
        public Done {
            requireNonNull(api, "api");
        }
    }

    /// The author's file is wrong; nothing has changed.
    record Wrong(List<Diagnostic> problems) implements AdminOutcome {
        public Wrong {
            problems = List.copyOf(problems);
        }
    }

    /// It is not done, for a reason that lies outside the file; nothing has changed.
    ///
    /// @param subject what stands in the way: the owner, the etag, the name in the file
    record Refused(Reason reason, String message, String subject) implements AdminOutcome {
        public Refused {
            requireNonNull(reason, "reason");
            requireNonNull(message, "message");
            requireNonNull(subject, "subject");
        }
    }

    /// Why a change is not done.
    enum Reason {
        /// The file declares another API than the one that was named.
        NAME_DIFFERS,
        /// The API belongs to a directory.
        OWNED_BY_DIRECTORY,
        /// The API has changed since the etag was read.
        ETAG_DIFFERS,
        /// A change that was asked for later is done already.
        SUPERSEDED,
        /// There is no such thing.
        NOT_FOUND,
        /// Its code cannot be built at present; trying again later may help.
        BUILD_UNAVAILABLE,
        /// Too many changes wait.
        TOO_MANY_PENDING,
        /// The leadership has ended meanwhile; what was begun may be done or not.
        LEADERSHIP_ENDED
    }
}
