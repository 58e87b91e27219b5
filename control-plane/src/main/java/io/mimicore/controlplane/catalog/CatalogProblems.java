package io.mimicore.controlplane.catalog;

import io.mimicore.controlplane.source.UnreadableFile;
import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.diagnostics.Place;

/// The problems that the catalog itself finds, in words.
final class CatalogProblems {
    private CatalogProblems() {}

    /// Another file has the API that this one declares.
    ///
    /// @param place of the name
    static Diagnostic duplicate(Place place, String api, String owner) {
        return Diagnostic.error(
                place,
                DiagnosticCode.DUPLICATE,
                "api: " + api + " is already declared by " + owner,
                "give one of them another name, or remove one of the files");
    }

    /// The admin API has the API that this file declares.
    ///
    /// @param place of the name
    static Diagnostic ownedByAdmin(Place place, String api) {
        return Diagnostic.error(
                place,
                DiagnosticCode.DUPLICATE,
                "api: " + api + " belongs to the admin API, which it was applied to",
                "remove this file, or let the API go with `mimicore delete "
                        + api
                        + "`: then this file is taken");
    }

    /// The file lies there and cannot be read.
    static Diagnostic unreadable(String file, UnreadableFile found) {
        return Diagnostic.error(Place.of(file, 1, 1, ""), found.code(), found.message(), "");
    }

    /// The directory cannot be looked at.
    ///
    /// @param apis how many of its APIs are live
    static Diagnostic unavailable(SourceState source, long apis) {
        return alarm(
                source,
                "this directory cannot be looked at: " + source.unavailable(),
                apis == 0 ? "" : stay(apis, "its"));
    }

    /// The source has lost so much at once that it looks like an accident.
    ///
    /// @param lost how many live APIs
    /// @param apis of how many
    static Diagnostic loss(SourceState source, long lost, long apis) {
        String what =
                source.directory() == null
                        ? "this source is not configured any more; it has brought "
                        : "files were lost all at once; they have brought ";
        return alarm(
                source, what + lost + " of the source's " + apis + " APIs", stay(lost, "these"));
    }

    private static String stay(long apis, String whose) {
        return whose
                + " "
                + apis
                + " APIs stay live as they are; bring the files back, or let the APIs go with `mimicore"
                + " confirm-removal` and the directory";
    }

    private static Diagnostic alarm(SourceState source, String message, String hint) {
        Place place = Place.of(source.name(), 1, 1, "");
        return Diagnostic.error(place, DiagnosticCode.SOURCE_ALARM, message, hint);
    }
}
